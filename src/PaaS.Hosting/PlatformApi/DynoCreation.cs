using Microsoft.AspNetCore.Http;
using PaaS.Runtime;

namespace PaaS.Hosting;

internal sealed record DynoCreateBody(string? Command, bool? Attach, Dictionary<string, string?>? Env, string? Size, string? Type, int? TimeToLive, bool? ForceNoTty);

/// <summary><c>POST /apps/{app}/dynos</c>: a one-off dyno.</summary>
internal sealed class DynoCreation(Platform platform, TimeProvider time)
{
    private const int LongestLife = 24 * 60 * 60;

    public void Map(ApiRoutes routes) => routes.Post("/apps/{app}/dynos", CreateAsync);

    private async Task CreateAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.DynoCreateBody) is not { } body)
        {
            return;
        }

        if (!TryParse(body, out var wanted, out var problem))
        {
            await ApiError.Invalid(problem).WriteAsync(request.Context);
            return;
        }

        var name = request.Route("app");
        if (!platform.FindApp(request.Actor, name).TryGet(out var app, out var refusal)
            || !(await platform.RunAsync(request.Actor, name, wanted, request.Aborted)).TryGet(out var dyno, out refusal)
            || !platform.ListDynos(request.Actor, name).TryGet(out var dynos, out refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        // One that has ended already is shown as it began.
        var shown = dynos.FirstOrDefault(one => one.Id == dyno.Id)
            ?? new Dyno(dyno.Id, dyno.Name, DynoState.Starting, wanted.Command, wanted.Size, app.Current?.Version ?? default, time.GetUtcNow());
        await request.WriteAsync(DynosResource.BodyOf(app, shown), ApiJson.Readable.DynoBody, StatusCodes.Status201Created);
    }

    private static bool TryParse(DynoCreateBody body, out OneOffRequest wanted, out string problem)
    {
        (wanted, problem) = (null!, string.Empty);
        var (type, size, env) = ((ProcessType?)null, default(DynoSize), ConfigPatch.Empty);
        if (body.Attach == true)
        {
            problem = "This host cannot attach to dynos over the API yet. Send \"attach\": false and read the output from the log.";
        }
        else if (ScheduledJob.FindCommandProblem(body.Command) is { } wrong)
        {
            problem = wrong;
        }
        else if (body.Type is not null && !TryParseType(body.Type, out type))
        {
            problem = "A process type has 1 to 128 letters, digits, '-' or '_', such as run.";
        }
        else if (body.Size is not null && !DynoSize.TryParse(body.Size, null, out size))
        {
            problem = $"There is no such size. Use one of {string.Join(", ", DynoSize.All)}.";
        }
        else if (body.TimeToLive is < 1 or > LongestLife)
        {
            problem = $"time_to_live is 1 to {LongestLife} seconds.";
        }
        else if (body.Env?.Values.Any(value => value is null) == true)
        {
            problem = "env holds names and texts; leave out what is not to be set.";
        }
        else if (body.Env is not null && !ConfigPatch.TryCreate(body.Env, out env!, out var bad))
        {
            problem = bad;
        }
        else
        {
            wanted = new OneOffRequest
            {
                Command = body.Command!,
                Type = type,
                Size = size,
                Env = ConfigVars.Empty.Apply(env),
                TimeToLive = body.TimeToLive is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            };
        }

        return wanted is not null;
    }

    private static bool TryParseType(string text, out ProcessType? type)
    {
        type = ProcessType.TryParse(text, null, out var parsed) ? parsed : null;
        return type is not null;
    }
}
