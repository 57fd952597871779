package sample

import java.net.InetSocketAddress
import java.nio.charset.StandardCharsets.UTF_8
import java.util.concurrent.Executors

import com.sun.net.httpserver.{HttpExchange, HttpHandler, HttpServer}

object Main {
  def main(args: Array[String]): Unit = {
    // The platform's default command gives the port as a property, as for Play.
    val port = sys.props.get("http.port").orElse(sys.env.get("PORT")).getOrElse("3000").toInt
    val workers = Executors.newFixedThreadPool(8)
    val server = HttpServer.create(new InetSocketAddress("0.0.0.0", port), 0)
    server.setExecutor(workers)
    server.createContext("/", new HttpHandler {
      override def handle(exchange: HttpExchange): Unit = answer(exchange)
    })
    sys.addShutdownHook {
      server.stop(5)
      workers.shutdown()
    }
    server.start()
    println(s"listening on $port")
  }

  private def answer(exchange: HttpExchange): Unit = {
    val (status, text) = exchange.getRequestURI.getPath match {
      case "/" => (200, s"${variable("GREETING", "Hello from Scala")}\nRelease: ${variable("HEROKU_RELEASE_VERSION", "none")}, Dyno: ${variable("DYNO", "local")}\n")
      case _ => (404, "Not found\n")
    }
    val body = text.getBytes(UTF_8)
    exchange.getResponseHeaders.set("Content-Type", "text/plain; charset=utf-8")
    exchange.sendResponseHeaders(status, body.length)
    try exchange.getResponseBody.write(body)
    finally exchange.close()
  }

  private def variable(name: String, otherwise: String): String = sys.env.getOrElse(name, otherwise)
}
