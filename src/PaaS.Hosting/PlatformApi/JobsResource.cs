using Microsoft.AspNetCore.Http;
using PaaS.Runtime;

namespace PaaS.Hosting;

internal sealed record JobWriteBody(string? Schedule, string? Command, string? Size);

internal sealed record JobBody(
    Guid Id, string Schedule, string Command, string? Size, string Source, bool Running, DateTimeOffset? NextAt, DateTimeOffset? LastAt, AppReference App);

/// <summary><c>/apps/{app}/jobs</c>: the scheduler's jobs. Heroku's scheduler has no such resource; the shapes follow the others.</summary>
internal sealed class JobsResource(Platform platform)
{
    public void Map(ApiRoutes routes)
    {
        routes.Get("/apps/{app}/jobs", ListAsync);
        routes.Post("/apps/{app}/jobs", CreateAsync);
        routes.Get("/apps/{app}/jobs/{job}", request => AnswerAsync(request, request.Route("job")));
        routes.Patch("/apps/{app}/jobs/{job}", UpdateAsync);
        routes.Delete("/apps/{app}/jobs/{job}", DeleteAsync);
    }

    private async Task ListAsync(ApiRequest request)
    {
        if (await FindAsync(request) is { } found)
        {
            await request.WriteAsync([.. found.Jobs.Select(job => BodyOf(found.App, job))], ApiJson.Readable.JobBodyArray);
        }
    }

    private async Task CreateAsync(ApiRequest request)
    {
        if (await ReadAsync(request) is not { } wanted)
        {
            return;
        }

        if (wanted.Schedule is null || wanted.Command is null)
        {
            await ApiError.Invalid("A job needs a schedule and a command: send {\"schedule\": \"every 10 minutes\", \"command\": \"rake cleanup\"}.").WriteAsync(request.Context);
            return;
        }

        var outcome = await platform.CreateJobAsync(request.Actor, request.Route("app"), wanted.Schedule, wanted.Command, wanted.Size);
        await AnswerAsync(request, outcome, StatusCodes.Status201Created);
    }

    private async Task UpdateAsync(ApiRequest request)
    {
        if (await ReadAsync(request) is not { } wanted)
        {
            return;
        }

        if (!Guid.TryParse(request.Route("job"), out var id))
        {
            await NotFoundAsync(request);
            return;
        }

        await AnswerAsync(request, await platform.UpdateJobAsync(request.Actor, request.Route("app"), id, wanted.Schedule, wanted.Command, wanted.Size), StatusCodes.Status200OK);
    }

    private async Task DeleteAsync(ApiRequest request)
    {
        if (!Guid.TryParse(request.Route("job"), out var id))
        {
            await NotFoundAsync(request);
            return;
        }

        // As it was, for the answer: afterwards it is in no list.
        var before = platform.ListJobs(request.Actor, request.Route("app")).TryGet(out var jobs, out _) ? jobs.FirstOrDefault(job => job.Job.Id == id) : null;
        var outcome = await platform.RemoveJobAsync(request.Actor, request.Route("app"), id);
        if (!outcome.TryGet(out var removed, out var refusal) || !platform.FindApp(request.Actor, request.Route("app")).TryGet(out var app, out refusal))
        {
            await RefuseAsync(request, refusal);
            return;
        }

        await request.WriteAsync(BodyOf(app, (before ?? new JobStatus(removed, null, null, false)) with { Next = null }), ApiJson.Readable.JobBody);
    }

    private static async Task<Wanted?> ReadAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.JobWriteBody) is not { } body)
        {
            return null;
        }

        CronSchedule? schedule = null;
        DynoSize? size = null;
        string? problem = null;
        if (body.Schedule is not null && !CronSchedule.TryParse(body.Schedule, out schedule, out problem))
        {
            problem = $"schedule: {problem}";
        }
        else if (body.Command is not null && ScheduledJob.FindCommandProblem(body.Command) is { } wrong)
        {
            problem = wrong;
        }
        else if (body.Size is not null)
        {
            size = DynoSize.TryParse(body.Size, null, out var parsed) ? parsed : null;
            problem = size is null ? $"There is no such size. Use one of {string.Join(", ", DynoSize.All)}." : null;
        }

        if (problem is not null)
        {
            await ApiError.Invalid(problem).WriteAsync(request.Context);
            return null;
        }

        return new Wanted(schedule, body.Command, size);
    }

    private async Task<(App App, IReadOnlyList<JobStatus> Jobs)?> FindAsync(ApiRequest request)
    {
        var name = request.Route("app");
        if (platform.FindApp(request.Actor, name).TryGet(out var app, out var refusal) && platform.ListJobs(request.Actor, name).TryGet(out var jobs, out refusal))
        {
            return (app, jobs);
        }

        await request.WriteAsync(refusal!);
        return null;
    }

    private async Task AnswerAsync(ApiRequest request, Outcome<ScheduledJob> outcome, int status)
    {
        if (!outcome.TryGet(out var job, out var refusal))
        {
            await RefuseAsync(request, refusal);
            return;
        }

        await AnswerAsync(request, job.Id.ToString(), status);
    }

    private async Task AnswerAsync(ApiRequest request, string id, int status = StatusCodes.Status200OK)
    {
        if (await FindAsync(request) is not { } found)
        {
            return;
        }

        if (found.Jobs.FirstOrDefault(job => job.Job.Id.ToString() == id) is not { } shown)
        {
            await NotFoundAsync(request);
            return;
        }

        await request.WriteAsync(BodyOf(found.App, shown), ApiJson.Readable.JobBody, status);
    }

    private Task RefuseAsync(ApiRequest request, Refusal refusal) =>
        request.WriteAsync(refusal, platform.FindApp(request.Actor, request.Route("app")).Refusal is null ? "job" : "app");

    private static Task NotFoundAsync(ApiRequest request) => ApiError.NotFound("Couldn't find that job.", "job").WriteAsync(request.Context);

    private static JobBody BodyOf(App app, JobStatus status) => new(
        status.Job.Id,
        status.Job.Schedule.ToString(),
        status.Job.Command,
        status.Job.Size?.ToString(),
        app.Jobs.Exists(job => job.Id == status.Job.Id) || !AppJobs.OfManifest(app).Any(job => job.Id == status.Job.Id) ? "api" : "app.json",
        status.IsRunning,
        status.Next,
        status.Last,
        AppReference.Of(app));

    private sealed record Wanted(CronSchedule? Schedule, string? Command, DynoSize? Size);
}
