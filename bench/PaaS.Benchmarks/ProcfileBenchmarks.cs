using BenchmarkDotNet.Attributes;
using PaaS.Core;

namespace PaaS.Benchmarks;

/// <summary>Reading a Procfile of usual size, in the three modes.</summary>
[MemoryDiagnoser]
public class ProcfileBenchmarks
{
    private const string Text = """
        # the processes of the app
        release: bin/rails db:migrate
        web: bundle exec puma -C config/puma.rb -p ${PORT:-3000}
        worker: bundle exec sidekiq -C config/sidekiq.yml
        clock: bundle exec clockwork config/clock.rb

        """;

    [Benchmark(Baseline = true)]
    public Procfile Cedar() => Procfile.Parse(Text, ProcfileMode.HerokuCedar);

    [Benchmark]
    public Procfile Fir() => Procfile.Parse(Text, ProcfileMode.HerokuFir);

    [Benchmark]
    public Procfile Default() => Procfile.Parse(Text);
}
