using System.CommandLine;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Models;
using EdgeSplit.Models.Files;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Torch;

namespace EdgeSplit.Cli.Commands;

/// <summary><c>edgesplit predict</c>: a network's logits for the samples in a NumPy file.</summary>
internal static class PredictCommand
{
    private static readonly Option<string> Model = new("--model")
    {
        Description = "A name that 'edgesplit models' lists, or a YAML file of blocks.",
        HelpName = "NAME|FILE",
        Required = true,
    };

    private static readonly Option<string> WeightsPath = new("--weights")
    {
        Description = "Its weights, a safetensors file. They tell the number of classes, unless the model is a file.",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<string> Input = new("--input")
    {
        Description = "The samples, a NumPy file: [N, C, H, W] or [N, features], or one sample without N. As the data has them: the weights' data contract says what they go through.",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<string> Output = new("--output")
    {
        Description = "Where to write the logits: a NumPy file, float32 [N, classes].",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<string> Device = new("--device")
    {
        Description = "What computes: cpu, cuda or cuda:N.",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "cpu",
    };

    private static readonly Option<int> BatchSize = new("--batch")
    {
        Description = "How many samples to compute at once; bounds the memory.",
        HelpName = "N",
        DefaultValueFactory = _ => 64,
    };

    private static readonly Option<bool> Normalized = new("--normalized")
    {
        Description = "The samples are normalised already, as in training.",
    };

    public static Command Create()
    {
        Command command = new("predict", "Compute a network's logits, and the classes they speak for, of the samples in a NumPy file.")
        {
            Model, WeightsPath, Input, Output, Normalized, Device, BatchSize,
        };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed)
    {
        int batch = parsed.GetValue(BatchSize);
        string output = parsed.GetRequiredValue(Output), path = parsed.GetRequiredValue(WeightsPath), model = parsed.GetRequiredValue(Model);
        FaultCollector faults = new();
        if (batch < 1)
            faults.Check(() => throw new InvalidInputException("--batch", $"it is {batch}", "give 1 or more"));
        TorchEngine? engine = faults.Try(() => Preparation.CreateEngine(parsed.GetValue(Device)!, "--device"));
        string input = parsed.GetRequiredValue(Input);
        Reading? reading = faults.Try(() => new Reading(ContractMetadata.Read(path)));
        DataContract? contract = reading?.Contract;
        using HostTensor? samples = faults.Try(() => PredictedSamples.Read(input, contract));
        Network? network = samples is null || reading is null ? null : faults.Try(() => CreateNetwork(model, samples.Shape.WithoutLeading(), path));
        using Weights? weights = network is null ? null : faults.Try(() => WeightsFile.Load(path, network));
        if (network is not null && samples is not null)
            faults.Check(() => PredictedSamples.Prepare(samples, contract, network, parsed.GetValue(Normalized), input));
        // Without samples or weights the network's name can be judged by itself all the same.
        if (samples is null || reading is null)
            faults.Check(() => RequireModel(model));

        faults.Check(() => RequirePlace(output));
        faults.ThrowIfAny();

        using HostTensor logits = HostTensor.Rent(ElementType.Float32, new Shape(samples!.Shape[0], network!.Spec.Classes));
        await using (ComputeLanes lanes = new(engine!, count: 1, Environment.ProcessorCount))
            await lanes.RunAsync(() => Predict(engine!, network, weights!, samples, logits, batch)).ConfigureAwait(false);
        Write(output, logits);
        TextWriter people = parsed.InvocationConfiguration.Output;
        await people.WriteLineAsync(
            $"Wrote {logits.Shape[0]} x {logits.Shape[1]} logits of {network.Spec.Name} ({engine!.Description}) to {output}.").ConfigureAwait(false);
        if (contract is null)
            await people.WriteLineAsync("The weights have no data contract: the samples were taken as they are, and classes are known by number.").ConfigureAwait(false);
        PredictionReport.Write(people, logits, contract?.ClassNames);
        return 0;
    }

    /// <summary>What reading a contract came to; there may be none.</summary>
    private sealed record Reading(DataContract? Contract);

    private static Network CreateNetwork(string name, Shape sample, string weightsPath)
    {
        if (ModelsCommand.IsFile(name))
            return new Network(ModelFile.Read(name, sample));
        // Any class count gives the names; the weights then tell the real one.
        Network any = new(ModelZoo.Create(name, sample, classes: 2));
        return new Network(ModelZoo.Create(name, sample, WeightsFile.PeekClasses(weightsPath, any)));
    }

    private static void Predict(TorchEngine engine, Network network, Weights weights, HostTensor samples, HostTensor logits, int batch)
    {
        using ISegment segment = engine.Build(new SegmentSpec(network, 1, network.Length, Optimizer: null), weights);
        int count = samples.Shape[0], sampleBytes = samples.ByteCount / count, rowBytes = logits.ByteCount / count;
        for (int start = 0; start < count; start += batch)
        {
            int size = Math.Min(batch, count - start);
            using HostTensor part = HostTensor.Rent(ElementType.Float32, samples.Shape.WithoutLeading().Prepend(size));
            samples.Bytes.Slice(start * sampleBytes, part.ByteCount).CopyTo(part.Bytes);
            using HostTensor rows = segment.Predict(part);
            rows.Bytes.CopyTo(logits.Bytes[(start * rowBytes)..]);
        }
    }

    /// <summary>A name of the zoo, or a file that is there.</summary>
    private static void RequireModel(string model)
    {
        if (!ModelsCommand.IsFile(model) && !ModelZoo.Names.Contains(model))
            throw new InvalidInputException("--model", $"there is no network called '{model}'", NearestName.Remedy(model, ModelZoo.Names));
        if (ModelsCommand.IsFile(model) && !File.Exists(model))
            throw new InvalidInputException(model, "there is no such file", "name a YAML file of blocks, or a network that 'edgesplit models' lists");
    }

    /// <summary>Finds out by trying, before anything is computed: a file beside is written and removed.</summary>
    private static void RequirePlace(string path)
    {
        if (Directory.Exists(path))
            throw new InvalidInputException("--output", $"{path} is a folder", "give the name of a file in it");
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
            throw new InvalidInputException("--output", $"there is no folder {folder}", "create it first");
        WriteOrTell(path, () =>
        {
            string probe = path + ".probe";
            AtomicFile.Write(probe, stream => stream.WriteByte(0));
            File.Delete(probe);
        });
    }

    private static void Write(string path, HostTensor logits) => WriteOrTell(path, () => NpyFile.Write(path, logits));

    private static void WriteOrTell(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InvalidInputException("--output", $"{path} cannot be written: {exception.Message}", "name a file that you may write");
        }
    }
}
