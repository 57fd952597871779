package sample;

import java.io.IOException;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

public final class HelloServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain;charset=utf-8");
        switch (request.getServletPath()) {
            case "/":
                response.getWriter().printf("%s%nRelease: %s, Dyno: %s%n",
                    variable("GREETING", "Hello from Java on Jetty"), variable("HEROKU_RELEASE_VERSION", "none"), variable("DYNO", "local"));
                break;
            case "/memory":
                response.getWriter().printf("heap %d MB%n", Runtime.getRuntime().maxMemory() >> 20);
                break;
            default:
                response.sendError(HttpServletResponse.SC_NOT_FOUND);
        }
    }

    private static String variable(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }
}
