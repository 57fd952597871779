using System.Net;
using Markdig;

var builder = WebApplication.CreateSlimBuilder(args);
var app = builder.Build();
var pipeline = new MarkdownPipelineBuilder().UsePipeTables().DisableHtml().Build();
var page = Markdown.ToHtml(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "page.md")), pipeline);
const int MaxCharacters = 100_000;

app.MapGet("/", (IConfiguration configuration) =>
{
    var greeting = WebUtility.HtmlEncode(configuration["GREETING"] ?? "Markdown to HTML");
    var dyno = WebUtility.HtmlEncode(configuration["DYNO"] ?? "local");
    return Results.Content(
        $"""
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><title>{greeting}</title>
        <h1>{greeting}</h1>
        {page}
        <p>Rendered by ASP.NET Core on {dyno}.</p>
        </html>
        """,
        "text/html; charset=utf-8");
});

app.MapPost("/render", async (HttpRequest request, CancellationToken cancellationToken) =>
{
    using var reader = new StreamReader(request.Body);
    var buffer = new char[MaxCharacters + 1];
    var length = await reader.ReadBlockAsync(buffer, cancellationToken);
    return length > MaxCharacters
        ? Results.StatusCode(StatusCodes.Status413PayloadTooLarge)
        : Results.Content(Markdown.ToHtml(new string(buffer, 0, length), pipeline), "text/html; charset=utf-8");
});

app.Run();
