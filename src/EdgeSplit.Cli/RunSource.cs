using System.CommandLine;
using EdgeSplit.Cli.Commands;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;

namespace EdgeSplit.Cli;

/// <summary>What a run begins with: an experiment file, or a run that goes on.</summary>
internal sealed class RunSource
{
    private readonly string? file;
    private readonly string[] overrides;
    private readonly string? output;
    private readonly bool force;

    private RunSource(RunFolder? old, string? file, string[] overrides, string? output, bool force)
    {
        Old = old;
        this.file = file;
        this.overrides = overrides;
        this.output = output;
        this.force = force;
    }

    /// <summary>The run that goes on; null for a new one.</summary>
    public RunFolder? Old { get; }

    /// <summary>The file the experiment is read from.</summary>
    public string Path => Old?.ExperimentPath ?? file!;

    /// <summary>What overrides it.</summary>
    public IReadOnlyList<string> Overrides => overrides;

    public Experiment ReadExperiment() => Old?.ReadExperiment() ?? ExperimentFile.Read(file!, overrides);

    /// <exception cref="InvalidInputException">A new run could not be written.</exception>
    public void RequirePlace()
    {
        if (Old is null)
            RunFolder.RequirePlace(output, force);
    }

    /// <summary>The folder of the run, made for a new one.</summary>
    public RunFolder FolderFor(Experiment experiment) => Old ?? RunFolder.Create(output, experiment, force);

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
            Description = "Go on with a run that was stopped or killed, to the weights it would have come to. Its experiment stays as it was.",
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

        /// <summary>A run that goes on is the one that began: schedules depend on the number of rounds, results on all the rest.</summary>
        private RunFolder Reopen(string run, ParseResult parsed)
        {
            FaultCollector faults = new();
            foreach (Option option in ((Option[])[set, output, force]).Where(option => parsed.GetResult(option) is { Implicit: false }))
                faults.Check(() => throw new InvalidInputException(option.Name, "a resumed run goes on as and where it began", "leave it out, or train anew without --resume"));
            RunFolder? folder = faults.Try(() => RunFolder.Open(run));
            faults.ThrowIfAny();
            return folder!;
        }
    }
}
