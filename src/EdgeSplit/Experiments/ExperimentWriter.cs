using System.Globalization;
using System.Text;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments.Keys;
using EdgeSplit.Training;
using EdgeSplit.Yaml;

namespace EdgeSplit.Experiments;

/// <summary>Writes an experiment as a file with every default made explicit, which reads back as the same experiment.</summary>
public static class ExperimentWriter
{
    /// <param name="experiment">What to write.</param>
    /// <param name="baseDirectory">The folder the file is for: paths under it are written relative to it. Null for full paths.</param>
    public static string Write(Experiment experiment, string? baseDirectory = null)
    {
        StringBuilder text = new();
        Line(text, 0, "name", YamlScalar.Write(experiment.Name));
        Line(text, 0, "seed", Text(experiment.Training.Seed));
        WriteModel(text, experiment.Model, baseDirectory);
        WriteData(text, experiment, baseDirectory);
        WriteTraining(text, experiment);
        FleetWriter.Write(text, experiment, path => PathText(path, baseDirectory));
        text.Append("compute:\n");
        Line(text, 1, "device", YamlScalar.Write(experiment.Compute.Device));
        Line(text, 1, "lanes", experiment.Compute.Lanes is int lanes ? Text(lanes) : "auto");
        Line(text, 1, "threadsPerLane", Text(experiment.Compute.ThreadsPerLane));
        return text.ToString();
    }

    private static void WriteModel(StringBuilder text, ModelChoice model, string? baseDirectory)
    {
        text.Append("model:\n");
        if (model.Zoo is not null)
            Line(text, 1, "name", YamlScalar.Write(model.Zoo));
        if (model.File is not null)
            Line(text, 1, "file", PathText(model.File, baseDirectory));
        if (model.Dropout is double dropout)
            Line(text, 1, "dropout", YamlScalar.Write(dropout));
    }

    private static void WriteData(StringBuilder text, Experiment experiment, string? baseDirectory)
    {
        DataSpec data = experiment.Data;
        (string Key, string Value)[] source = data.Source switch
        {
            DataSource.Named named => [("source", YamlScalar.Write(named.Name))],
            DataSource.Csv csv =>
            [
                ("source", "csv"), .. Files(("train", csv.Train), ("test", csv.Test)), ("label", YamlScalar.Write(csv.LabelColumn)),
            ],
            DataSource.Idx idx =>
            [
                ("source", "idx"),
                .. Files(("trainImages", idx.TrainImages), ("trainLabels", idx.TrainLabels), ("testImages", idx.TestImages), ("testLabels", idx.TestLabels)),
            ],
            DataSource.Synthetic made =>
            [
                ("source", "synthetic"), ("shape", made.Shape.ToString()), ("classes", Text(made.Classes)), ("noise", YamlScalar.Write(made.Noise)),
            ],
            _ => throw new ArgumentOutOfRangeException(nameof(experiment), data.Source, null),
        };
        IEnumerable<(string Key, string Value)> Files(params (string Key, string? Path)[] files) =>
            files.Where(file => file.Path is not null).Select(file => (file.Key, PathText(file.Path!, baseDirectory)));

        DataSource.Synthetic? synthetic = data.Source as DataSource.Synthetic;
        text.Append("data:\n");
        foreach ((string key, string value) in source)
            Line(text, 1, key, value);
        WriteContract(text, data.Contract);
        Line(text, 1, "trainSamples", (synthetic?.TrainCount ?? data.TrainSamples) is int train ? Text(train) : "all");
        Line(text, 1, "testSamples", (synthetic?.TestCount ?? data.TestSamples) is int test ? Text(test) : "all");
        Line(text, 1, "partition", experiment.Partition switch
        {
            PartitionSpec.Dirichlet dirichlet => Text($"{{ kind: dirichlet, alpha: {dirichlet.Alpha:R}, minimumSamples: {dirichlet.MinimumSamples} }}"),
            PartitionSpec.SizeSkew skew => Text($"{{ kind: size-skew, alpha: {skew.Alpha:R}, minimumSamples: {skew.MinimumSamples} }}"),
            PartitionSpec.ClassesPerDevice classes => Text($"{{ kind: classes, classesPerDevice: {classes.Classes} }}"),
            _ => "{ kind: iid }",
        });
        Line(text, 1, "augment", Text(
            $"{{ cropPadding: {data.Augmentation.CropPadding}, horizontalFlip: {YamlScalar.Write(data.Augmentation.HorizontalFlip)} }}"));
    }

    private static void WriteContract(StringBuilder text, ContractSpec contract)
    {
        if (contract.Features is { } features)
            Line(text, 1, "features", Listed(features.Select(YamlScalar.Write)));
        if (contract.Shape is { } shape)
            Line(text, 1, "shape", shape.ToString());
        if (contract.Classes is { } classes)
            Line(text, 1, "classes", contract.ClassesAreNumbers ? Text(classes.Count) : Listed(classes.Select(YamlScalar.Write)));
        Line(text, 1, "normalize", contract.Normalize switch
        {
            NormalizeKind.Standard => "standard",
            NormalizeKind.None => "none",
            NormalizeKind.Given => $"{{ mean: {Numbers(contract.Given!.Mean)}, deviation: {Numbers(contract.Given.StandardDeviation)} }}",
            _ => "auto",
        });

        static string Listed(IEnumerable<string> items) => $"[{string.Join(", ", items)}]";

        static string Numbers(ReadOnlySpan<float> numbers) => Listed(numbers.ToArray().Select(number => number.ToString("R", CultureInfo.InvariantCulture)));
    }

    private static void WriteTraining(StringBuilder text, Experiment experiment)
    {
        TrainingSpec training = experiment.Training;
        text.Append("training:\n");
        Line(text, 1, "method", Vocabulary.NameOf(training.Method));
        Line(text, 1, "rounds", Text(training.Rounds));
        if (training.LocalWork is LocalWork.Steps steps)
            Line(text, 1, "localSteps", Text(steps.Count));
        else if (training.LocalWork is LocalWork.Epochs epochs)
            Line(text, 1, "localEpochs", Text(epochs.Count));
        Line(text, 1, "batch", Text(training.BatchSize));
        Line(text, 1, "participation", YamlScalar.Write(training.Participation));
        Line(text, 1, "evaluateEvery", Text(training.EvaluateEvery));
        Line(text, 1, "encoding", Vocabulary.NameOf(training.Encoding));
        Line(text, 1, "deadline", DeadlineText.Write(experiment.Patience.Deadline));
        Line(text, 1, "minimumDevices", experiment.Patience.MinimumDevices is int minimum ? Text(minimum) : "all");
        if (training.Method.HasCommonCut())
            Line(text, 1, "cut", experiment.Devices is [{ Cut: int cut }, ..] ? Text(cut) : "best");
        if (training.Method.AveragesModels())
        {
            Line(text, 1, "proximal", YamlScalar.Write(training.Optimizer.Proximal));
            Line(text, 1, "serverMomentum", YamlScalar.Write(training.ServerMomentum));
        }

        Line(text, 1, "optimizer", training.Optimizer switch
        {
            OptimizerSpec.Sgd sgd => Text(
                $"{{ kind: sgd, momentum: {sgd.Momentum:R}, nesterov: {YamlScalar.Write(sgd.Nesterov)}, weightDecay: {sgd.WeightDecay:R} }}"),
            OptimizerSpec.Adam adam => Text(
                $"{{ kind: {(adam.Decoupled ? "adamw" : "adam")}, beta1: {adam.Beta1:R}, beta2: {adam.Beta2:R}, epsilon: {adam.Epsilon:R}, weightDecay: {adam.WeightDecay:R} }}"),
            _ => throw new ArgumentOutOfRangeException(nameof(experiment), training.Optimizer, null),
        });
        Line(text, 1, "learningRate", Latest(training.LearningRate) switch
        {
            LearningRateSchedule.Step step => Text($"{{ schedule: step, initial: {step.Initial:R}, every: {step.Every}, factor: {step.Factor:R} }}"),
            LearningRateSchedule.Cosine cosine => Text($"{{ schedule: cosine, initial: {cosine.Initial:R}, final: {cosine.Final:R} }}"),
            LearningRateSchedule constant => Text($"{{ schedule: constant, initial: {constant.Initial:R} }}"),
        });
    }

    /// <summary>A file has one schedule: of a run that changed it, the one it goes on with.</summary>
    private static LearningRateSchedule Latest(LearningRateSchedule schedule) => schedule is LearningRateSchedule.Changed changed ? Latest(changed.After) : schedule;

    private static void Line(StringBuilder text, int depth, string key, string value) =>
        text.Append(' ', 2 * depth).Append(key).Append(": ").Append(value).Append('\n');

    private static string Text(FormattableString value) => FormattableString.Invariant(value);

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static string PathText(string path, string? baseDirectory)
    {
        if (baseDirectory is not null)
        {
            string relative = Path.GetRelativePath(baseDirectory, path);
            if (!Path.IsPathRooted(relative) && !relative.StartsWith("..", StringComparison.Ordinal))
                return YamlScalar.Write(relative.Replace(Path.DirectorySeparatorChar, '/'));
        }

        return YamlScalar.Write(path);
    }
}
