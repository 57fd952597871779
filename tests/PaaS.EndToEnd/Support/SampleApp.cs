namespace PaaS.EndToEnd;

/// <summary>One of the sample apps, as a test pushes it.</summary>
/// <param name="Name">Its directory below samples/apps.</param>
/// <param name="Detected">What the build says it is.</param>
/// <param name="Says">What its page says.</param>
/// <param name="Changes">A file that a second push changes.</param>
/// <param name="Path">The page.</param>
/// <param name="Quick">Whether the short tests have time for it.</param>
public sealed record SampleApp(string Name, string Detected, string Says, string Changes, string Path = "/", bool Quick = false)
{
    internal static IReadOnlyList<SampleApp> All { get; } =
    [
        new("sinatra", "Ruby", "Hello from Sinatra", "app.rb", Quick: true),
        new("php-slim", "PHP", "Hello from Slim", "public/index.php", Quick: true),
        new("static", "Static HTML", "Hello from static files", "public/index.html", Quick: true),
        new("nodejs", "Node.js", "Hello from your app", "server.js"),
        new("rails", "Ruby", "Hello from Rails", "config/routes.rb"),
        new("vite-spa", "Static HTML", "Hello from Vite", "src/main.js"),
        new("flask", "Python", "Word count", "app.py", Quick: true),
        new("go-nethttp", "Go", "World clock", "main.go", Quick: true),
        new("django", "Python", "Guestbook", "manage.py"),
        new("go-gin", "Go", "Short links", "main.go"),
        new("aspnet", ".NET", "Markdown to HTML", "Program.cs"),
        new("java-jetty", "Java", "Hello from Java on Jetty", "src/main/java/sample/Main.java"),
        new("gradle", "Gradle", "Hello from Gradle", "src/main/java/sample/Main.java"),
        new("scala", "Scala", "Hello from Scala", "src/main/scala/sample/Main.scala"),
        new("clojure-ring", "Clojure", "Hello from Clojure on Ring", "src/sample/core.clj"),
    ];

    public override string ToString() => Name;
}
