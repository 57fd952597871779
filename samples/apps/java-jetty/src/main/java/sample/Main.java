package sample;

import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.ServletContextHandler;

public final class Main {
    private Main() {
    }

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "3000"));
        ServletContextHandler context = new ServletContextHandler();
        context.setContextPath("/");
        context.addServlet(HelloServlet.class, "/");

        // Listens on all addresses. On SIGTERM it takes nothing new, answers what has begun, and ends.
        Server server = new Server(port);
        server.setHandler(context);
        server.setStopAtShutdown(true);
        server.start();
        System.out.println("listening on " + port);
        server.join();
    }
}
