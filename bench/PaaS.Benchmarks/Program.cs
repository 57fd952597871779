using BenchmarkDotNet.Running;
using PaaS.Benchmarks;

if (args is ["dynos", .. var options])
{
    return await DynoFigures.RunAsync(options);
}

if (args is ["push", .. var pushes])
{
    return await PushFigures.RunAsync(pushes);
}

if (args is ["slugs", .. var slugs])
{
    return await SlugFigures.RunAsync(slugs);
}

if (args is ["languages", .. var languages])
{
    return await LanguageFigures.RunAsync(languages);
}

if (args is ["router", .. var router])
{
    return await RouterFigures.RunAsync(router);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
