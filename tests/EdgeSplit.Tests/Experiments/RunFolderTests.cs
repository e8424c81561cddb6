using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Experiments;

public sealed class RunFolderTests : IDisposable
{
    private readonly string scratch = Directory.CreateTempSubdirectory("edgesplit-runs-").FullName;
    private readonly Experiment experiment = ExperimentFile.Parse(ExperimentFaultTests.Minimal, ".");

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2024, 2, 19, 8, 30, 0, TimeSpan.Zero);

        public override long GetTimestamp() => 0;
    }

    public void Dispose() => Directory.Delete(scratch, recursive: true);

    [Fact]
    public void A_run_keeps_the_experiment_the_plan_and_the_events()
    {
        RunFolder folder = RunFolder.Create(In("run"), experiment);
        RunEvent[] events =
        [
            new RunStarted("experiment", "edgesplit", "lenet5", 1, 5, 61_706, "libtorch", 1),
            new RoundPlanned(1, "edgesplit", "optimal", "the first plan", [new PlannedDevice("a", 1, new Dictionary<string, double> { ["bandwidth"] = 2e6 })], 0.5, 0.5, true),
            new RoundStarted(1, 0.05, ["a"], [1]),
            new DeviceFinished(1, "a", 1, 100, 4, double.NaN, 1000, 2000, 0.5),
            new RoundFinished(1, 2.25, 100, 0.5),
            new Evaluated(1, 0.5, 2, 10),
            new RoundStarted(2, 0.025, ["a"], [1]),
            new RoundFinished(2, 2.125, 100, 0.5),
            new RunWarning("the loss is not a number"),
            new RunFinished(0.5, 2, 1.5, RunEnd.Completed),
        ];
        using (RunClaim claim = RunClaim.Of(folder))
        using (RunRecorder recorder = new(claim, new StoppedClock()))
        {
            foreach (RunEvent runEvent in events)
                recorder.Record(runEvent);
        }

        RunFolder opened = RunFolder.Open(folder.Location);
        Assert.Equal(experiment, opened.ReadExperiment());
        RoundPlan plan = Assert.Single(opened.ReadPlan());
        Assert.Equal([("a", 1, 2e6)], plan.Devices.Select(device => (device.Name, device.Cut, device.Shares!["bandwidth"])));
        Assert.Equal((1, "optimal", 0.5, "the first plan"), (plan.FromRound, plan.Status, plan.RoundSeconds, plan.Reason));
        Assert.Equal(
            events.Select(RunEvents.ToLine),
            opened.ReadEvents().Select(runEvent => RunEvents.ToLine(runEvent with { Time = null, ElapsedSeconds = null })));
        Assert.Equal(
            """{"event":"run-finished","time":"2024-02-19T08:30:00+00:00","elapsedSeconds":0,"accuracy":0.5,"rounds":2,"wallSeconds":1.5,"reason":"completed"}""",
            File.ReadLines(folder.EventsPath).Last());
        Assert.Equal(
            "round,trainLoss,testLoss,accuracy,seconds,samples,learningRate\n1,2.25,2,0.5,0.5,100,0.05\n2,2.125,,,0.5,100,0.025\n",
            File.ReadAllText(folder.MetricsPath));
    }

    [Fact]
    public void A_torn_last_event_is_left_out_and_a_broken_one_before_it_told()
    {
        string path = In("events.jsonl");
        string line = RunEvents.ToLine(new RunWarning("x"));
        File.WriteAllText(path, $"{line}\n{line}\n{line[..^3]}");
        Assert.Equal(2, RunEvents.Read(path).Count);
        File.WriteAllText(path, $"{line}\n{line[..^3]}\n{line}\n");
        Assert.Equal($"{path}, line 2", Assert.Throws<InvalidInputException>(() => RunEvents.Read(path)).Faults[0].Where);
    }

    [Fact]
    public void A_folder_with_something_in_it_is_refused_unless_forced()
    {
        RunFolder folder = RunFolder.Create(In("run"), experiment);
        File.WriteAllText(folder.ModelPath, "old");
        string[] before = Directory.GetFiles(folder.Location);
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(() => RunFolder.Create(In("run"), experiment)).Faults);
        Assert.Equal("the folder is not empty", fault.Problem);
        Assert.Equal(before, Directory.GetFiles(folder.Location));
        RunFolder.Create(In("run"), experiment with { Name = "second" }, force: true);
        Assert.Equal("second", folder.ReadExperiment().Name);
        Assert.False(File.Exists(folder.ModelPath));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_bad_input_and_nothing_is_left_behind()
    {
        File.WriteAllText(In("file"), "");
        Assert.Throws<InvalidInputException>(() => RunFolder.Create(In("file"), experiment));
        Assert.Throws<InvalidInputException>(() => RunFolder.Create(Path.Combine(In("file"), "run"), experiment));
        Experiment lost = experiment with { Model = new ModelChoice(null, In("no-such-network.yaml"), null) };
        Assert.Throws<InvalidInputException>(() => RunFolder.Create(Path.Combine(In("a"), "b"), lost));
        Assert.Equal([In("file")], Directory.GetFileSystemEntries(scratch));
    }

    [Fact]
    public void A_network_of_the_user_s_own_goes_with_the_run()
    {
        string text = File.ReadAllText(Repository.PathOf("examples", "models", "small-cnn.yaml"));
        File.WriteAllText(In("net.yaml"), text);
        RunFolder folder = RunFolder.Create(In("run"), experiment with { Model = new ModelChoice(null, In("net.yaml"), null) });
        File.Delete(In("net.yaml"));
        Directory.Move(folder.Location, In("moved"));
        string network = RunFolder.Open(In("moved")).ReadExperiment().Model.File!;
        Assert.Equal(text, File.ReadAllText(network));
    }

    [Fact]
    public void Profiles_that_the_fleet_names_go_with_the_run()
    {
        Directory.CreateDirectory(In("b"));
        File.WriteAllText(In("pi.json"), "of a");
        File.WriteAllText(Path.Combine(In("b"), "pi.json"), "of b");
        Experiment withProfiles = experiment with
        {
            Devices =
            [
                new DeviceConfig("a", 1) { Machine = new MachineConfig(null, In("pi.json")) },
                new DeviceConfig("b", 1) { Machine = new MachineConfig(null, Path.Combine(In("b"), "pi.json")) },
                new DeviceConfig("c", 1) { Machine = new MachineConfig(null, In("pi.json")) },
            ],
        };
        RunFolder folder = RunFolder.Create(In("run"), withProfiles);
        File.Delete(In("pi.json"));
        Directory.Move(folder.Location, In("moved"));
        IEnumerable<string> read = RunFolder.Open(In("moved")).ReadExperiment().Devices.Select(device => File.ReadAllText(device.Machine.ProfileFile!));
        Assert.Equal(["of a", "of b", "of a"], read);
    }

    [Fact]
    public void What_is_no_run_says_so()
    {
        Assert.Equal("there is no such folder", Assert.Throws<InvalidInputException>(() => RunFolder.Open(In("none"))).Faults[0].Problem);
        Assert.Equal(
            "this folder holds no run: it has no experiment.yaml",
            Assert.Throws<InvalidInputException>(() => RunFolder.Open(scratch)).Faults[0].Problem);
    }

    [Theory]
    [InlineData("four-devices", "four-devices")]
    [InlineData("a/b\\c: d*?", "a-b-c-d")]
    [InlineData("../..", "run")]
    [InlineData("v1.2 ü ", "v1-2")]
    public void Default_folders_have_names_every_system_takes(string name, string expected) => Assert.Equal(expected, RunName.SafeFor(name));

    private string In(string name) => Path.Combine(scratch, name);
}
