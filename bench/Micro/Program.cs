using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using Sluice.Bench.Micro;
using Sluice.Bench.Micro.Conversion;
using Sluice.Bench.Micro.Ledger;

// Without arguments: the speed of everything. "ledger": what everything allocates. "conversion": what converting sound costs. Else: BenchmarkDotNet's own options.
if (args is ["ledger", .. var options]) return LedgerCommand.Run(options);
if (args is ["conversion", .. var amounts]) return ConversionCommand.Run(amounts);

// Short runs are over before the compiler would have looked at what is worth its time.
if (!CompilerSetting.TiersAtOnce.IsOn(args, out var exitCode)) return exitCode;

var config = ManualConfig.CreateEmpty()
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithIterationTime(TimeInterval.FromMilliseconds(100)).WithIterationCount(5))
    .AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params)
    .AddColumn(StatisticColumn.Median, StatisticColumn.Min, StatisticColumn.StdDev)
    .WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared))
    .AddExporter(MarkdownExporter.GitHub)
    .AddLogger(ConsoleLogger.Default)
    .WithArtifactsPath(Path.Combine(Checkout.Root, "artifacts", "bench"))
    .WithOptions(ConfigOptions.JoinSummary);
var summaries = BenchmarkSwitcher.FromAssembly(typeof(PerPacketAttribute).Assembly).Run(args.Length > 0 ? args : ["--filter", "*"], config);
return summaries.Any(static summary => summary.HasCriticalValidationErrors || summary.Reports.Any(static report => !report.Success)) ? 1 : 0;
