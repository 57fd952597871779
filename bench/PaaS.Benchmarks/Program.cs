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

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
