using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit evaluate RUN|WEIGHTS</c>.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        Argument<string> target = new("RUN|WEIGHTS") { Description = "A run folder, or a .safetensors file (then say --experiment, unless it lies in a run folder)." };
        Option<string?> file = new("--experiment") { Description = "The experiment whose model and test set to use.", HelpName = "FILE" };
        Option<string[]> set = CommonOptions.Set();
        Option<string?> dataDirectory = CommonOptions.DataDirectory();
        Option<string?> device = CommonOptions.Device();
        Option<OutputFormat> format = CommonOptions.Format();
        Command command = new("evaluate", "Judge trained weights on the experiment's test set.") { target, file, set, dataDirectory, device, format };
        command.SetAction(async (parsed, cancellation) =>
        {
            FaultCollector faults = new();
            string? weightsPath = null;
            (PreparedExperiment? prepared, TorchEngine? engine) = await Preparation.PrepareAsync(
                () =>
                {
                    (weightsPath, string experiment) = Locate(parsed.GetRequiredValue(target), parsed.GetValue(file));
                    return ExperimentFile.Read(experiment, parsed.GetValue(set));
                },
                parsed.GetValue(device), parsed.GetValue(dataDirectory), faults, parsed.InvocationConfiguration.Error, cancellation).ConfigureAwait(false);
            using Weights? weights = prepared is null ? null : faults.Try(() => WeightsFile.Load(weightsPath!, prepared.Network));
            // Without the network it can at least be told whether the file is sound.
            if (prepared is null && weightsPath is not null)
                faults.Check(() => SafetensorsFile.ReadHeader(weightsPath));
            Dataset? test = prepared is null || weights is null ? null : faults.Try(() => TestSetFor(prepared, weightsPath!));
            faults.ThrowIfAny();

            await using ComputeLanes lanes = Preparation.CreateLanes(engine!, prepared!.Experiment.Compute);
            DataContract contract = ContractMetadata.Read(weightsPath!) ?? prepared.Contract;
            BatchReader reader = new(test!, contract.Normalization, new AugmentationSpec());
            Evaluation evaluation = await new Evaluator(prepared.Network, test!, reader, lanes).EvaluateAsync(weights!, cancellation).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(
                parsed.GetValue(format) == OutputFormat.Json ? Json(evaluation) : Text(evaluation, prepared)).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    /// <summary>The test samples as the weights' contract has them, where they have one.</summary>
    private static Dataset TestSetFor(PreparedExperiment prepared, string weightsPath)
    {
        if (prepared.Data.Test.Count == 0)
            throw new InvalidInputException("data", "the experiment has no test set", "add one, as in --set data.test=FILE");
        return ContractMetadata.Read(weightsPath) is { } contract ? DataBinding.Bind(contract, prepared.Data.Test) : prepared.Data.Test;
    }

    private static (string Weights, string Experiment) Locate(string target, string? experiment)
    {
        if (Directory.Exists(target))
        {
            RunFolder folder = RunFolder.Open(target);
            return (folder.ModelPath, experiment ?? folder.ExperimentPath);
        }

        if (!File.Exists(target))
            throw new InvalidInputException(target, "no such run folder or weights file", "give a folder that 'edgesplit train' made, or a .safetensors file");
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(target))!, "experiment.yaml");
        if (experiment is null && !File.Exists(beside))
            throw new InvalidInputException(target, "lies in no run folder, so its model and data are unknown", "say --experiment FILE");
        return (target, experiment ?? beside);
    }

    private static string Text(Evaluation evaluation, PreparedExperiment prepared) => string.Create(
        CultureInfo.InvariantCulture,
        $"{prepared.Network.Spec.Name} on {evaluation.Samples:#,0} test samples of {prepared.Data.Name}: accuracy {evaluation.Accuracy:0.0000}, loss {evaluation.Loss:0.0000}");

    private static string Json(Evaluation evaluation) => JsonSerializer.Serialize(
        new { accuracy = evaluation.Accuracy, loss = evaluation.Loss, samples = evaluation.Samples });
}
