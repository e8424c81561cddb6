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

        using (RunClaim claim = RunClaim.Of(folder))
        using (RunRecorder recorder = new(claim, clock, resumption.Checkpoint))
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
        Reopen(resumption.Checkpoint);
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
        string text = File.ReadAllText(folder.ExperimentPath);
        File.AppendAllText(folder.ExperimentPath, "# mine\n");
        Assert.Equal(
            (folder.ExperimentPath, "it was changed since the run began, though none of its keys"),
            Assert.Single(Assert.Throws<InvalidInputException>(Find).Faults) is var comment ? (comment.Where, comment.Problem) : default);

        File.WriteAllText(folder.ExperimentPath, text.Replace("rounds: 10", "rounds: 12", StringComparison.Ordinal).Replace("lenet5", "mlp", StringComparison.Ordinal));
        IReadOnlyList<Fault> faults = Assert.Throws<InvalidInputException>(() => RunClaim.Of(folder)).Faults;
        Assert.Contains(new Fault($"{folder.ExperimentPath}: model.name", "it is 'mlp', and the run began with 'lenet5'", "put back what it was, or train anew from it"), faults);
        Assert.All(faults, fault => Assert.Matches("model|training.rounds", fault.Where));
        Assert.Equal(folder.Checkpoints.PathOf(1), Assert.Single(Directory.GetFiles(folder.Checkpoints.Location)));
    }

    [Fact]
    public void An_edit_is_refused_where_all_checkpoints_are_damaged_too()
    {
        Record(from: null, rounds: [1, 2], kept: [1, 2]);
        foreach (string checkpoint in Directory.GetFiles(folder.Checkpoints.Location))
            File.WriteAllText(checkpoint, "damaged");
        File.WriteAllText(folder.ExperimentPath, File.ReadAllText(folder.ExperimentPath).Replace("seed: 1", "seed: 77", StringComparison.Ordinal));
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(Find).Faults);
        Assert.Equal(($"{folder.ExperimentPath}: seed", "it is '77', and the run began with '1'"), (fault.Where, fault.Problem));
        Assert.All(Directory.GetFiles(folder.Checkpoints.Location), checkpoint => Assert.Equal("damaged", File.ReadAllText(checkpoint)));
    }

    [Fact]
    public void A_sound_checkpoint_of_another_network_is_no_damaged_one()
    {
        Record(from: null, rounds: [1], kept: [1]);
        Network other = new(ModelZoo.Create("mlp", new Shape(1, 28, 28), 10));
        using (Weights weights = WeightInitializer.Initialize(other, 1))
            folder.Checkpoints.Write(new Checkpoint(2, null, folder.ExperimentDigest(), 0, 0, 0), weights);
        Fault fault = Assert.Single(Assert.Throws<InvalidInputException>(Find).Faults);
        Assert.Equal(folder.Checkpoints.PathOf(2), fault.Where);
        Assert.StartsWith("this checkpoint is of another network than the run's: ", fault.Problem, StringComparison.Ordinal);
        using (Weights weights = WeightInitializer.Initialize(network, 1))
            folder.Checkpoints.Write(new Checkpoint(2, null, "another", 0, 0, 0), weights);
        Assert.Equal(
            "this checkpoint of round 2 is of another experiment than the run's", Assert.Single(Assert.Throws<InvalidInputException>(Find).Faults).Problem);
    }

    [Fact]
    public void A_run_of_an_earlier_version_is_read_by_its_checkpoints_or_refused()
    {
        Record(from: null, rounds: [1], kept: [1]);
        File.Delete(folder.OriginPath);
        Find()!.Start.Weights.Dispose();
        File.WriteAllText(folder.Checkpoints.PathOf(1), "damaged");
        Assert.StartsWith(
            "no checkpoint is sound, and an earlier version", Assert.Single(Assert.Throws<InvalidInputException>(Find).Faults).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_goes_on_with_other_rounds_and_another_learning_rate_from_the_round_they_are_given_for()
    {
        using (RunClaim claim = RunClaim.Of(folder))
        {
            claim.Change(new RunChange(3, ["training.rounds=6"]));
            claim.Change(new RunChange(5, ["training.learningRate=0.01"]));
            claim.Change(new RunChange(7, ["training.rounds=9", "training.learningRate={ schedule: cosine, initial: 0.5, final: 0 }"]));
        }

        TrainingSpec began = experiment.Training, training = folder.ReadExperiment().Training;
        Assert.Equal(9, training.Rounds);
        double before = began.LearningRate.At(1, began.Rounds);
        Assert.Equal([before, before, before, before, 0.01, 0.01, 0.5, 0.25, 0], Enumerable.Range(1, 9).Select(round => Math.Round(training.LearningRate.At(round, 9), 9)));
        Assert.Equal(experiment, ExperimentFile.Read(folder.ExperimentPath));
        Assert.Equal(
            [new SettingsChanged(3) { Rounds = 6 }, new SettingsChanged(5) { LearningRate = 0.01, Schedule = "constant" }, new SettingsChanged(7) { Rounds = 9, LearningRate = 0.5, Schedule = "cosine" }],
            RunOrigin.Read(folder.OriginPath)!.ToEvents(folder.ExperimentPath));
    }

    [Fact]
    public void Events_that_a_power_failure_spoilt_do_not_keep_a_run_from_going_on()
    {
        Record(from: null, rounds: [1, 2], kept: [1]);
        File.AppendAllText(folder.EventsPath, "\0\0\0\0\n{\"eve");
        Resumption resumption = Find()!;
        resumption.Start.Weights.Dispose();
        Assert.False(folder.IsComplete);
        Reopen(resumption.Checkpoint);
        Assert.Equal("Evaluated 1", NameOf(folder.ReadEvents()[^1]));
    }

    [Fact]
    public void Nobody_touches_a_run_that_another_holds()
    {
        Record(from: null, rounds: [1], kept: [1]);
        File.WriteAllText(folder.ModelPath, "model");
        using (RunClaim.Of(folder))
        {
            Dictionary<string, string> before = Files();
            foreach (Func<RunClaim> claim in (Func<RunClaim>[])[() => RunClaim.Of(folder), () => RunClaim.OfNew(folder.Location, "x", force: true)])
                Assert.Equal("another process is training this run", Assert.Single(Assert.Throws<InvalidInputException>(claim).Faults).Problem);
            Assert.Equal(before, Files());
            Find()!.Start.Weights.Dispose();
        }

        RunClaim.Of(folder).Dispose();

        Dictionary<string, string> Files() => Directory.GetFiles(folder.Location, "*", SearchOption.AllDirectories).Order()
            .Where(path => path != folder.LockPath).ToDictionary(path => path, path => Convert.ToHexString(File.ReadAllBytes(path)));
    }

    [Fact]
    public void A_claim_to_which_no_run_comes_leaves_nothing_behind()
    {
        RunClaim.OfNew(scratch.At("a", "b"), "x").Dispose();
        Assert.False(Directory.Exists(scratch.At("a")));
        Directory.CreateDirectory(scratch.At("mine"));
        RunClaim.OfNew(scratch.At("mine"), "x").Dispose();
        // What a process that was killed before its run began leaves is no run.
        RunClaim.OfNew(scratch.At("mine"), "x").Dispose();
        Assert.True(Directory.Exists(scratch.At("mine")));
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
        using RunClaim claim = RunClaim.Of(folder);
        using RunRecorder recorder = new(claim, clock, from);
        using Weights weights = WeightInitializer.Initialize(network, 1);
        recorder.Record(Started);
        foreach (int round in rounds)
        {
            RecordRound(recorder, round);
            if (kept.Contains(round))
                recorder.Keep(new TrainingResult(weights, new Evaluation(0.5, 2, 10), round));
        }
    }

    private void Reopen(Checkpoint checkpoint)
    {
        using RunClaim claim = RunClaim.Of(folder);
        new RunRecorder(claim, clock, checkpoint).Dispose();
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
