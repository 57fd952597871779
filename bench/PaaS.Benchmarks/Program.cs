using BenchmarkDotNet.Running;
using PaaS.Benchmarks;

if (args is ["dynos", .. var options])
{
    return await DynoFigures.RunAsync(options);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
