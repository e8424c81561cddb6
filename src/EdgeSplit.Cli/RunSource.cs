using System.CommandLine;
using EdgeSplit.Cli.Commands;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;

namespace EdgeSplit.Cli;

/// <summary>What a run begins with: an experiment file, or a run that goes on.</summary>
internal sealed class RunSource
{
    private readonly RunFolder? old;
    private readonly string? file;
    private readonly string[] set;
    private readonly string? output;
    private readonly bool force;

    private RunSource(RunFolder? old, string? file, string[] set, string? output, bool force)
    {
        this.old = old;
        this.file = file;
        this.set = set;
        this.output = output;
        this.force = force;
    }

    /// <summary>The run that is done already, with nothing asked of it that it has not come to; null for any other.</summary>
    public RunFolder? Done => set.Length == 0 && old is { IsComplete: true } ? old : null;

    /// <summary>Whether it begins anew.</summary>
    public bool IsNew => old is null;

    /// <summary>The file the experiment is read from.</summary>
    public string Path => old?.ExperimentPath ?? file!;

    /// <summary>What overrides it from its first round on.</summary>
    public IReadOnlyList<string> Overrides => old is null ? set : [];

    public Experiment ReadExperiment() => old?.ReadExperiment() ?? ExperimentFile.Read(file!, set);

    /// <summary>Takes the run's folder, before anything of it is changed.</summary>
    /// <param name="name">The experiment's.</param>
    /// <exception cref="InvalidInputException">A new run could not be written, one that goes on is not what it was, or another process trains it.</exception>
    public RunClaim Claim(string name) => old is null ? RunClaim.OfNew(output, name, force) : RunClaim.Of(old);

    /// <summary>Where the run starts.</summary>
    /// <param name="claim">Of it.</param>
    /// <param name="prepared">The experiment.</param>
    /// <exception cref="InvalidInputException">It cannot go on, or not so.</exception>
    public RunStart Start(RunClaim claim, PreparedExperiment prepared) => old is null ? new RunStart(claim, prepared) : RunStart.Of(claim, prepared, set);

    /// <summary>The command line's part of it.</summary>
    /// <param name="command">What the command is called.</param>
    internal sealed class Options(string command)
    {
        private readonly Argument<string?> file = new("EXPERIMENT")
        {
            Description = "The experiment file (YAML); 'edgesplit init' writes one.",
            Arity = ArgumentArity.ZeroOrOne,
        };

        private readonly Option<string?> resume = new("--resume")
        {
            Description = "Go on with a run that was stopped or killed, to the weights it would have come to. Its experiment stays as it was, but for --set training.rounds and training.learningRate from the next round on.",
            HelpName = "RUN",
        };

        private readonly Option<string[]> set = CommonOptions.Set();
        private readonly Option<string?> output = CommonOptions.Out();
        private readonly Option<bool> force = CommonOptions.Force();

        public void AddTo(Command to)
        {
            to.Add(file);
            foreach (Option option in (Option[])[resume, set, output, force])
                to.Add(option);
        }

        /// <exception cref="InvalidInputException">There is nothing to begin with, or too much.</exception>
        public RunSource Read(ParseResult parsed)
        {
            (string? source, string? run) = (parsed.GetValue(file), parsed.GetValue(resume));
            FaultCollector faults = new();
            faults.Check(() => RequireOne(source, run));
            RunFolder? old = run is null ? null : faults.Try(() => Reopen(run, parsed));
            faults.ThrowIfAny();
            return new RunSource(old, source, parsed.GetValue(set) ?? [], parsed.GetValue(output), parsed.GetValue(force));
        }

        private void RequireOne(string? source, string? run)
        {
            if (source is null && run is null)
                throw new InvalidInputException(command, "there is nothing to train", $"give an experiment file, or {resume.Name} RUN");
            if (source is not null && run is not null)
                throw new InvalidInputException(resume.Name, $"the run has its experiment, and '{source}' is another", "give only one of them");
        }

        /// <summary>A run that goes on is the one that began, but for what it can do otherwise from its next round on.</summary>
        private RunFolder Reopen(string run, ParseResult parsed)
        {
            FaultCollector faults = new();
            foreach (Option option in ((Option[])[output, force]).Where(option => parsed.GetResult(option) is { Implicit: false }))
                faults.Check(() => throw new InvalidInputException(option.Name, "a resumed run goes on where it began", "leave it out, or train anew without --resume"));
            foreach (Fault refused in RunChange.Refusals(parsed.GetValue(set) ?? [], set.Name))
                faults.Check(() => throw new InvalidInputException([refused]));
            RunFolder? folder = faults.Try(() => RunFolder.Open(run));
            faults.ThrowIfAny();
            return folder!;
        }
    }
}
