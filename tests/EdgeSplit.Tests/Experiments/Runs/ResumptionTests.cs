using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Training;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Experiments.Runs;

public sealed class ResumptionTests : IDisposable
{
    private static readonly RunStarted Started = new("experiment", "edgesplit", "lenet5", 1, 5, 61_706, "libtorch", 1);

    private readonly TemporaryFolder scratch = new();
    private readonly Experiment experiment = ExperimentFile.Parse(ExperimentFaultTests.Minimal, ".");
    private readonly Network network = new(ModelZoo.Create("lenet5", new Shape(1, 28, 28), 10));
    private readonly ManualClock clock = new();
    private readonly RunFolder folder;

    public ResumptionTests() => folder = RunFolder.Create(scratch.At("run"), experiment);

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void A_run_that_goes_on_leaves_the_files_of_one_that_never_stopped()
    {
        Record(from: null, rounds: [1, 2, 3], kept: [1, 2]);
        // As a process leaves them that is killed while it writes.
        foreach (string path in (string[])[folder.ModelPath, folder.PlanPath])
            File.WriteAllText(path + ".123.tmp", "half");
        Resumption resumption = Find()!;
        Assert.Equal((2, 2), (resumption.Checkpoint.Round, resumption.Start.Rounds));
        Assert.Equal(new Evaluation(0.5, 2, 10), resumption.Start.Evaluation);
        Assert.Empty(resumption.Warnings);
        resumption.Start.Weights.Dispose();

        using (RunRecorder recorder = new(folder, clock, resumption.Checkpoint))
        {
            recorder.Record(new RunResumed(2, 3));
            RecordRound(recorder, 3);
        }

        Assert.Empty(Directory.GetFiles(folder.Location, "*.tmp"));
        Assert.Equal(
            ["RunStarted", "RoundStarted 1", "Evaluated 1", "RoundStarted 2", "Evaluated 2", "RunResumed 2", "RoundStarted 3", "Evaluated 3"],
            folder.ReadEvents().Where(happened => happened is not RoundFinished).Select(NameOf));
        Assert.Equal(
            "round,trainLoss,testLoss,accuracy,seconds,samples,learningRate\n1,1,2,0.5,1,100,0.05\n2,1,2,0.5,1,100,0.05\n3,1,2,0.5,1,100,0.05\n",
            File.ReadAllText(folder.MetricsPath));
        double[] elapsed = [.. folder.ReadEvents().Select(happened => happened.ElapsedSeconds!.Value)];
        Assert.Equal(elapsed.Order(), elapsed);
    }

    [Fact]
    public void A_run_without_a_complete_round_goes_on_from_its_start()
    {
        Record(from: null, rounds: [1], kept: []);
        Resumption resumption = Find()!;
        Assert.Equal(0, resumption.Start.Rounds);
        using (resumption.Start.Weights)
        using (Weights fresh = WeightInitializer.Initialize(network, experiment.Training.Seed))
            TrainingScenario.AssertBitwiseEqual(fresh, resumption.Start.Weights);
        new RunRecorder(folder, clock, resumption.Checkpoint).Dispose();
        Assert.Equal(["RunStarted"], folder.ReadEvents().Select(NameOf));
        Assert.Equal(MetricsFile.Header + "\n", File.ReadAllText(folder.MetricsPath));
    }

    [Fact]
    public void A_run_of_which_nothing_was_recorded_has_yet_to_begin()
    {
        Assert.Null(Find());
        File.WriteAllText(folder.EventsPath, "{\"event\":\"run-sta");
        Assert.Null(Find());
    }

    [Fact]
    public void Rounds_whose_checkpoints_are_gone_are_trained_again_and_told()
    {
        Record(from: null, rounds: [1, 2, 3, 4], kept: [1, 2, 3]);
        File.Delete(folder.Checkpoints.PathOf(3));
        Resumption resumption = Find()!;
        resumption.Start.Weights.Dispose();
        Assert.Equal(2, resumption.Start.Rounds);
        Assert.Equal(
            "rounds up to 3 were done, but no sound checkpoint is later than round 2: those after it are trained again",
            Assert.Single(resumption.Warnings));
    }

    [Fact]
    public void Another_experiment_in_the_folder_is_refused()
    {
        Record(from: null, rounds: [1], kept: [1]);
        File.AppendAllText(folder.ExperimentPath, "# mine\n");
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(Find).Faults);
        Assert.Equal((folder.ExperimentPath, "it was changed after round 1 was trained"), (fault.Where, fault.Problem));
    }

    [Fact]
    public void Events_that_a_power_failure_spoilt_do_not_keep_a_run_from_going_on()
    {
        Record(from: null, rounds: [1, 2], kept: [1]);
        File.AppendAllText(folder.EventsPath, "\0\0\0\0\n{\"eve");
        Resumption resumption = Find()!;
        resumption.Start.Weights.Dispose();
        Assert.False(folder.IsComplete);
        new RunRecorder(folder, clock, resumption.Checkpoint).Dispose();
        Assert.Equal("Evaluated 1", NameOf(folder.ReadEvents()[^1]));
    }

    [Fact]
    public void Two_processes_do_not_record_one_run()
    {
        using (new RunRecorder(folder, clock))
        {
            Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(() => new RunRecorder(folder, clock)).Faults);
            Assert.Equal("another process is training this run", fault.Problem);
        }

        new RunRecorder(folder, clock).Dispose();
        Assert.False(File.Exists(folder.LockPath));
    }

    [Fact]
    public void A_run_made_anew_by_force_forgets_the_checkpoints_of_the_one_before()
    {
        Record(from: null, rounds: [1], kept: [1]);
        RunFolder.Create(folder.Location, experiment, force: true);
        Assert.False(Directory.Exists(folder.Checkpoints.Location));
    }

    private Resumption? Find() => Resumption.Find(folder, network, experiment.Training);

    private void Record(Checkpoint? from, int[] rounds, int[] kept)
    {
        using RunRecorder recorder = new(folder, clock, from);
        using Weights weights = WeightInitializer.Initialize(network, 1);
        recorder.Record(Started);
        foreach (int round in rounds)
        {
            RecordRound(recorder, round);
            if (kept.Contains(round))
                recorder.Keep(new TrainingResult(weights, new Evaluation(0.5, 2, 10), round));
        }
    }

    private void RecordRound(RunRecorder recorder, int round)
    {
        clock.Advance(TimeSpan.FromSeconds(1));
        recorder.Record(new RoundStarted(round, 0.05, ["a"], [1]));
        recorder.Record(new RoundFinished(round, 1, 100, 1));
        recorder.Record(new Evaluated(round, 0.5, 2, 10));
    }

    private static string NameOf(RunEvent happened) => happened switch
    {
        RoundStarted started => $"RoundStarted {started.Round}",
        Evaluated evaluated => $"Evaluated {evaluated.Round}",
        RunResumed resumed => $"RunResumed {resumed.Round}",
        _ => happened.GetType().Name,
    };
}
