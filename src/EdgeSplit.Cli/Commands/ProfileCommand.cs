using System.CommandLine;
using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Training;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit profile</c>: what each block of a network costs on this machine.</summary>
internal static class ProfileCommand
{
    public static Command Create()
    {
        Argument<string> model = new("NAME|FILE") { Description = "A name that 'edgesplit models' lists, or a YAML file of blocks." };
        Option<string?> input = ModelsCommand.InputOption();
        Option<int?> classes = ModelsCommand.ClassesOption();
        Option<int> batch = new("--batch") { Description = "Samples in a mini-batch.", HelpName = "B", DefaultValueFactory = _ => 32 };
        Option<int> repetitions = new("--repetitions") { Description = "How often to measure; every time is a median.", HelpName = "N", DefaultValueFactory = _ => 15 };
        Option<int> threads = new("--threads") { Description = "Threads of one operation, as compute.threadsPerLane.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<string?> device = CommonOptions.Device();
        device.Description = "What computes: cpu, cuda or cuda:N. [default: cpu]";
        Option<string> machine = new("--machine") { Description = "What to call this machine in the profile.", HelpName = "NAME", DefaultValueFactory = _ => Environment.MachineName };
        Option<string?> output = new("--output") { Description = "Write the profile to this file, for a device of a fleet (profile: FILE).", HelpName = "FILE" };
        Option<OutputFormat> format = CommonOptions.Format();
        Command command = new("profile", "Measure what each block of a network costs on this machine: forward, backward, optimizer step.")
        {
            model, input, classes, batch, repetitions, threads, device, machine, output, format,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            FaultCollector faults = new();
            foreach (Option<int> count in (Option<int>[])[batch, repetitions, threads])
                faults.Check(() => RequirePositive(count.Name, parsed.GetValue(count)));
            Shape? shape = null;
            faults.Check(() => shape = ModelsCommand.ShapeOf(parsed.GetValue(input)));
            Network? network = faults.Try(() => ModelsCommand.Load(parsed.GetRequiredValue(model), shape, parsed.GetValue(classes)));
            IEngine? engine = faults.Try(() => Preparation.CreateEngine(parsed.GetValue(device) ?? "cpu", "--device"));
            faults.ThrowIfAny();

            await using ComputeLanes lanes = new(engine!, count: 1, parsed.GetValue(threads));
            Profiler profiler = new(network!, new OptimizerSpec.Sgd(Momentum: 0.9), parsed.GetValue(batch), engine!, TimeProvider.System);
            Profile profile = await lanes.RunAsync(() => profiler.Measure(
                parsed.GetRequiredValue(machine), parsed.GetValue(threads), parsed.GetValue(repetitions), cancellation)).ConfigureAwait(false);
            if (FleetDoubts.OfProfile(profile) is { } doubt)
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"warning: {doubt}").ConfigureAwait(false);
            if (parsed.GetValue(output) is { } path)
                Write(profile, path);
            if (parsed.GetValue(format) == OutputFormat.Json)
                WriteJson(profile, parsed.InvocationConfiguration.Output);
            else
                WriteText(profile, network!, parsed.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }

    private static void RequirePositive(string option, int value)
    {
        if (value < 1)
            throw new InvalidInputException(option, $"it is {value}", "give 1 or more");
    }

    private static void Write(Profile profile, string path)
    {
        try
        {
            AtomicFile.Write(path, stream => ProfileFile.Write(profile, stream));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException("--output", FileTrouble.Describe(exception), "name a file that can be written");
        }
    }

    private static void WriteJson(Profile profile, TextWriter output)
    {
        using MemoryStream json = new();
        ProfileFile.Write(profile, json);
        output.WriteLine(System.Text.Encoding.UTF8.GetString(json.ToArray()));
    }

    private static void WriteText(Profile profile, Network network, TextWriter output)
    {
        Measurement measurement = profile.Measurement!;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{profile.Network}, input {measurement.Input}, batch {profile.BatchSize}, on {profile.Machine}: {measurement.Engine}, {measurement.Threads} thread(s), median of {measurement.Repetitions}"));
        output.WriteLine();
        TextTable table = new(["cut", "name", "forward", "backward", "step", "spread", "GFLOP/s"], textColumns: 2);
        for (int index = 0; index < profile.Blocks.Length; index++)
        {
            BlockCost cost = profile.Blocks[index];
            NetworkBlock block = network.Blocks[index];
            double rate = (block.ForwardFlops + block.BackwardFlops) * (double)profile.BatchSize / (cost.ForwardSeconds + cost.BackwardSeconds);
            table.Add(
                block.Number.ToString(CultureInfo.InvariantCulture), cost.Name, Milliseconds(cost.ForwardSeconds), Milliseconds(cost.BackwardSeconds),
                Milliseconds(cost.StepSeconds), cost.Spread!.Value.ToString("0 %", CultureInfo.InvariantCulture), (rate / 1e9).ToString("0.0", CultureInfo.InvariantCulture));
        }

        table.Write(output);
        output.WriteLine();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"The blocks sum to {Milliseconds(profile.TotalSeconds)}; a whole step took {Milliseconds(measurement.WholeStepSeconds)}: {profile.TotalSeconds / measurement.WholeStepSeconds:0.000} of it."));
        output.WriteLine($"Training the whole network raised peak memory by {HumanUnits.Bytes(measurement.PeakMemoryBytes)}.");
    }

    private static string Milliseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.000} ms");
}
