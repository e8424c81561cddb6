using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Loopback;

/// <summary>Both ends know with what the other computes, and say where bits will differ.</summary>
[Collection(TorchCollection.Name)]
public sealed class NumericsTests : IAsyncLifetime
{
    private const string Pair = """
        model: lenet5
        data: { source: synthetic, shape: 1x28x28, trainSamples: 40, testSamples: 10 }
        training: { rounds: 1, localSteps: 1, batch: 4 }
        fleet: { devices: [{ name: a, cut: 1 }, { name: b, cut: 2 }] }
        """;

    private readonly ComputeLanes lanes = new(new TorchEngine(), count: 1);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => lanes.DisposeAsync();

    [Fact]
    public async Task A_device_that_computes_otherwise_is_named_and_recorded()
    {
        List<RunEvent> events = await TrainAsync(name => name == "b" ? "an older\nprocessor" : lanes.Numerics);
        RunStarted start = Assert.Single(events.OfType<RunStarted>());
        Assert.Equal(lanes.Numerics, start.Numerics);
        Assert.Equal("an older?processor", start.DeviceNumerics!["b"]);
        Assert.StartsWith("b computes with an older?processor, and the server with libtorch", Assert.Single(events.OfType<RunWarning>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_all_compute_alike_nobody_is_warned() => Assert.Empty((await TrainAsync(numericsOf: null)).OfType<RunWarning>());

    [Fact]
    public async Task A_device_that_does_not_say_is_named_too() =>
        Assert.Contains("a does not say with what engine", (await TrainAsync(name => name == "a" ? "" : lanes.Numerics)).OfType<RunWarning>().Single().Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_run_that_goes_on_elsewhere_warns()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Pair);
        List<RunEvent> events = [];
        TrainingResult start = new(WeightInitializer.Initialize(prepared.Network, 1), Evaluation: null, Rounds: 1);
        using (start.Weights)
        {
            prepared.ReportStart(lanes, new RunSupervision(events.Add) { Start = start, NumericsBefore = "another processor" });
            prepared.ReportStart(lanes, new RunSupervision(events.Add) { Start = start, NumericsBefore = lanes.Numerics });
            prepared.ReportStart(lanes, new RunSupervision(events.Add) { Start = start });
        }

        Assert.Equal(3, events.OfType<RunResumed>().Count(resumed => resumed.Numerics == lanes.Numerics));
        Assert.StartsWith("this run went on so far with another processor, and from here with libtorch", Assert.Single(events.OfType<RunWarning>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Libtorch_names_kernels_processor_and_threads()
    {
        string numerics = new TorchEngine().NumericsOf(2);
        Assert.Matches(@"^libtorch \d+\.\d+\.\d+, .+ kernels on the processor .+, 2 threads an operation$", numerics);
        Assert.NotEqual(numerics, new TorchEngine().NumericsOf(1));
    }

    private async Task<List<RunEvent>> TrainAsync(Func<string, string>? numericsOf)
    {
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(await LoopbackFleet.PrepareAsync(Pair), lanes);
        fleet.NumericsOf = numericsOf;
        await fleet.JoinAllAsync();
        (await fleet.TrainAsync()).Weights.Dispose();
        await fleet.CloseAsync();
        return fleet.Events;
    }
}
