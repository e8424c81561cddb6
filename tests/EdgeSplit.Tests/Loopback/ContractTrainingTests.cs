using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Server;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Tests.Training;
using EdgeSplit.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Loopback;

/// <summary>Devices with CSV files of their own, brought under the server's contract by name, or refused.</summary>
[Collection(TorchCollection.Name)]
public sealed class ContractTrainingTests : IAsyncLifetime
{
    /// <summary>One plain SGD step a round: averages of devices that share no class then come to what the pooled data come to.</summary>
    private const string Steps = """
        name: iris
        model: mlp
        data: { source: csv, train: examples/data/iris-train.csv, test: examples/data/iris-test.csv, label: species }
        training: { rounds: 60, localSteps: 1, batch: 40, optimizer: { kind: sgd, momentum: 0 }, learningRate: 0.1, evaluateEvery: 60 }
        fleet: { devices: [{ name: garden, cut: 1 }, { name: greenhouse, cut: 1 }] }
        """;

    private static readonly string[] Header = File.ReadLines(Repository.PathOf("examples", "data", "iris-train.csv")).First().Split(',');

    private static readonly string[][] Rows = [.. File.ReadLines(Repository.PathOf("examples", "data", "iris-train.csv")).Skip(1).Select(line => line.Split(','))];

    private readonly TemporaryFolder folder = new();
    private readonly ComputeLanes lanes = new(new TorchEngine(), count: 2);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await lanes.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Two_devices_that_together_have_all_classes_neither_all_train_what_true_label_numbers_give()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Steps);
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        await JoinAsync(fleet, "garden", [.. Rows.Where(row => row[^1] == "virginica")]);
        await JoinAsync(fleet, "greenhouse", [.. Rows.Where(row => row[^1] != "virginica")]);
        TrainingResult result = await fleet.TrainAsync();
        result.Weights.Dispose();
        await fleet.CloseAsync();
        Assert.InRange(result.Evaluation!.Value.Accuracy, 0.9, 1);
    }

    [Fact]
    public async Task Columns_in_another_order_on_every_device_give_the_same_weights_bit_for_bit()
    {
        int[] mirrored = [3, 2, 1, 0, 4], turned = [4, 1, 2, 3, 0];
        using Weights expected = await TrainAsync([0, 1, 2, 3, 4], [0, 1, 2, 3, 4]);
        using Weights permuted = await TrainAsync(mirrored, turned);
        TrainingScenario.AssertBitwiseEqual(expected, permuted);

        async Task<Weights> TrainAsync(int[] first, int[] second)
        {
            PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Steps.Replace("rounds: 60", "rounds: 3", StringComparison.Ordinal));
            await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
            await JoinAsync(fleet, "garden", [.. Rows.Take(60)], order: first);
            await JoinAsync(fleet, "greenhouse", [.. Rows.Skip(60)], order: second);
            TrainingResult result = await fleet.TrainAsync();
            await fleet.CloseAsync();
            return result.Weights;
        }
    }

    [Fact]
    public async Task A_server_without_a_file_trains_what_one_with_the_same_contract_trains_and_judges_nothing()
    {
        PreparedExperiment owner = await LoopbackFleet.PrepareAsync(Steps.Replace("rounds: 60", "rounds: 3", StringComparison.Ordinal));
        Normalization normalization = owner.Contract.Normalization!;
        string contract = $"source: csv, label: species, features: [{string.Join(", ", owner.Contract.FeatureNames!)}], classes: [{string.Join(", ", owner.Contract.ClassNames)}], "
            + $"normalize: {{ mean: [{Listed(normalization.Mean)}], deviation: [{Listed(normalization.StandardDeviation)}] }}";
        PreparedExperiment without = await LoopbackFleet.PrepareAsync(Steps.Replace("rounds: 60", "rounds: 3", StringComparison.Ordinal).Replace(
            "source: csv, train: examples/data/iris-train.csv, test: examples/data/iris-test.csv, label: species", contract, StringComparison.Ordinal));
        Assert.Equal(owner.Contract, without.Contract);
        Assert.Throws<InvalidInputException>(without.RequireSamples);
        using Weights expected = await TrainAsync(owner, isJudged: true);
        using Weights trained = await TrainAsync(without, isJudged: false);
        TrainingScenario.AssertBitwiseEqual(expected, trained);

        static string Listed(ReadOnlySpan<float> numbers) => string.Join(", ", numbers.ToArray().Select(number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture)));

        async Task<Weights> TrainAsync(PreparedExperiment prepared, bool isJudged)
        {
            await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
            await JoinAsync(fleet, "garden", [.. Rows.Take(60)]);
            await JoinAsync(fleet, "greenhouse", [.. Rows.Skip(60)]);
            TrainingResult result = await fleet.TrainAsync();
            await fleet.CloseAsync();
            Assert.Equal(isJudged, result.Evaluation is not null);
            Assert.Equal(isJudged, fleet.Events.OfType<Evaluated>().Any());
            Assert.Equal(!isJudged, fleet.Events.OfType<RunWarning>().Any(warning => warning.Message.Contains("nothing will be judged", StringComparison.Ordinal)));
            return result.Weights;
        }
    }

    [Theory]
    [InlineData("setosa", "weed", null, "it has a class 'weed', which is unknown to this run")]
    [InlineData("versicolor", "Versicolor", null, "it has a class 'Versicolor', which is unknown to this run")]
    [InlineData(null, null, "stem", "its column 'stem' is unknown to this run")]
    public async Task A_device_whose_data_are_others_ends_the_run_that_needs_it_and_both_sides_say_whose_and_why(
        string? word, string? instead, string? column, string problem)
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Steps);
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        string[][] rows = [.. Rows.Select(row => (string[])[.. row[..^1], row[^1] == word ? instead! : row[^1]])];
        Task garden = await JoinAsync(fleet, "garden", rows, column: column);
        await JoinAsync(fleet, "greenhouse", Rows);

        InvalidInputException ended = await Assert.ThrowsAsync<InvalidInputException>(() => garden);
        Assert.Contains(ended.Faults, fault => fault.Problem == problem && fault.Where.StartsWith(folder.At("garden.csv"), StringComparison.Ordinal));
        FleetIncompleteException refused = await Assert.ThrowsAsync<FleetIncompleteException>(() => fleet.TrainAsync());
        Assert.Contains($"garden: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Root, refused.Message, StringComparison.Ordinal);
        List<RunEvent> noticed = [];
        fleet.Sessions.Notices.Begin(noticed.Add).Dispose();
        Assert.Contains(problem, Assert.IsType<DeviceRefused>(Assert.Single(noticed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_can_do_without_a_refused_device_goes_on_and_says_so()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(
            Steps.Replace("rounds: 60", "rounds: 2, minimumDevices: 1", StringComparison.Ordinal));
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        Task garden = await JoinAsync(fleet, "garden", [["1", "1", "1", "1", "weed"]]);
        await JoinAsync(fleet, "greenhouse", Rows);
        await Assert.ThrowsAsync<InvalidInputException>(() => garden);
        IReadOnlyList<int> present = await new FleetGathering(fleet.Sessions, _ => { }, TimeProvider.System)
            .WaitAsync(count: null, minimum: 1, patience: null, TestContext.Current.CancellationToken);
        Assert.Equal([1], present);
        (await fleet.TrainAsync(present)).Weights.Dispose();
        Assert.Equal("garden", Assert.Single(fleet.Events.OfType<DeviceRefused>()).Device);
        Assert.Equal(2, fleet.Events.OfType<RoundFinished>().Count());
    }

    [Fact]
    public async Task A_device_that_comes_back_with_data_of_another_kind_ends_a_run_that_needs_it_at_once()
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Steps);
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        await JoinAsync(fleet, "garden", Rows);
        await JoinAsync(fleet, "greenhouse", Rows);
        Task? again = null;
        RoundFailedException failed = await Assert.ThrowsAsync<RoundFailedException>(() => fleet.TrainAsync(also: happened =>
        {
            if (happened is RoundFinished { Round: 1 })
                again = fleet.JoinAgain("garden", OwnOf("garden-again", [["1", "1", "1", "1", "weed"]]));
        }));
        Assert.Contains("garden: it has a class 'weed'", failed.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidInputException>(() => again!);
        Assert.Contains(fleet.Events, happened => happened is DeviceLeftOut { Device: "garden", Reason: LeftOutReason.Refused });
        Assert.DoesNotContain(fleet.Events, happened => happened is RoundRepeated);
    }

    [Theory]
    [InlineData(60, 40)]
    [InlineData(40, 40)]
    public async Task A_device_that_comes_back_with_other_samples_is_told_of_and_with_the_same_not(int first, int second)
    {
        PreparedExperiment prepared = await LoopbackFleet.PrepareAsync(Steps);
        await using LoopbackFleet fleet = await LoopbackFleet.StartAsync(prepared, lanes);
        List<RunEvent> noticed = [];
        using IDisposable notices = fleet.Sessions.Notices.Begin(noticed.Add);
        await JoinAsync(fleet, "garden", [.. Rows.Take(first)]);
        await fleet.Sessions.LinkOfAsync(0, TestContext.Current.CancellationToken);
        await NextAsync([.. Rows.Take(second)], order: [4, 3, 2, 1, 0]);
        Assert.Equal(first == second ? [] : [(60L, 40L)], noticed.OfType<DeviceDataChanged>().Select(changed => (changed.SamplesBefore, changed.Samples)));
        noticed.Clear();
        await NextAsync([.. Rows.Skip(20).Take(second)], order: [0, 1, 2, 3, 4]);
        DeviceDataChanged other = Assert.IsType<DeviceDataChanged>(Assert.Single(noticed));
        Assert.Equal((40L, 40L), (other.SamplesBefore, other.Samples));

        async Task NextAsync(string[][] rows, int[] order)
        {
            object link = await fleet.Sessions.LinkOfAsync(0, TestContext.Current.CancellationToken);
            _ = fleet.JoinAgain("garden", OwnOf("garden", rows, order));
            while (true)
            {
                Task change = fleet.Sessions.Changed;
                if (fleet.Sessions.Present.Count > 0 && await fleet.Sessions.LinkOfAsync(0, TestContext.Current.CancellationToken) != link)
                    return;
                await change.WaitAsync(TestContext.Current.CancellationToken);
            }
        }
    }

    private async Task<Task> JoinAsync(LoopbackFleet fleet, string name, string[][] rows, int[]? order = null, string? column = null)
    {
        OwnData own = OwnOf(name, rows, order, column);
        return fleet.Join(name, await fleet.EnrollAsync(name), own.Train, own.Samples);
    }

    /// <summary>A device's own data, read from its own file.</summary>
    private OwnData OwnOf(string name, string[][] rows, int[]? order = null, string? column = null)
    {
        order ??= [0, 1, 2, 3, 4];
        string[] header = [column ?? Header[0], .. Header[1..]];
        string[] lines = [.. ((string[][])[header, .. rows]).Select(row => string.Join(',', order.Select(place => row[place])))];
        folder.Write($"{name}.csv", string.Join('\n', lines) + "\n");
        string file = folder.Write($"{name}.yaml", $"data: {{ source: csv, train: {name}.csv, label: species }}\n");
        return OwnDataFile.Read(file, name).LoadAsync(new DatasetCatalog(new DatasetLocations([], folder.Root))).GetAwaiter().GetResult();
    }
}
