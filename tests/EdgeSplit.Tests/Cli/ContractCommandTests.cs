using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Runs;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Cli;

/// <summary>What a data contract is to who trains, judges and uses a network from the command line.</summary>
[Collection(TorchCollection.Name)]
public sealed class ContractCommandTests : IDisposable
{
    private const string Iris = """
        name: iris
        model: mlp
        data: { source: csv, train: TRAIN, test: TEST, label: species }
        training: { rounds: 5, localEpochs: 2, batch: 8, optimizer: adam, learningRate: 0.01 }
        fleet: { devices: [{ name: a, cut: 1 }, { name: b, cut: 2 }] }
        """;

    private static readonly string Train = Repository.PathOf("examples", "data", "iris-train.csv"), Test = Repository.PathOf("examples", "data", "iris-test.csv");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Predict_on_the_rows_of_a_file_gives_the_accuracy_that_evaluate_gives_and_the_classes_by_name()
    {
        string run = await TrainIrisAsync();
        (float[] rows, string[] labels) = ReadTest();
        NpyFile.Write(folder.At("x.npy"), HostTensor.From(rows, new Shape(labels.Length, 4)));
        CommandLine predicted = await PredictAsync(run, "mlp", "x.npy");
        Assert.Equal(await AccuracyAsync(run), AccuracyOf("y.npy", labels, ["setosa", "versicolor", "virginica"]));
        Assert.Contains("setosa", predicted.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("no data contract", predicted.Output, StringComparison.Ordinal);

        // Rows that went through it already are used as they are.
        DataContract contract = ContractMetadata.Read(Path.Combine(run, "model.safetensors"))!;
        using HostTensor raw = NpyFile.Read(folder.At("y.npy"));
        foreach (float[] row in rows.Chunk(4).ToArray())
            contract.Prepare(row);
        float[] normalized = [.. rows.Chunk(4).SelectMany(row =>
        {
            contract.Prepare(row);
            return row;
        })];
        NpyFile.Write(folder.At("z.npy"), HostTensor.From(normalized, new Shape(labels.Length, 4)));
        await PredictAsync(run, "mlp", "z.npy", "--normalized");
        using HostTensor again = NpyFile.Read(folder.At("y.npy"));
        Assert.True(raw.Bytes.SequenceEqual(again.Bytes));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Predict_on_raw_images_gives_the_accuracy_that_evaluate_gives(bool asBytes, bool hasChannel)
    {
        (byte[] trainPixels, byte[] trainLabels) = Brightness(200, 1);
        (byte[] pixels, byte[] labels) = Brightness(100, 2);
        folder.Write("e.yaml", """
            name: bytes
            model: lenet5
            data: { source: idx, trainImages: a, trainLabels: b, testImages: c, testLabels: d, classes: [dark, dim, light, bright] }
            training: { rounds: 2, batch: 16, optimizer: adam, learningRate: 0.002 }
            fleet: { devices: [{ name: a, cut: 1 }, { name: b, cut: 2 }] }
            """);
        folder.Write("a", SampleFiles.Idx(0x08, [200, 28, 28], trainPixels));
        folder.Write("b", SampleFiles.Labels(trainLabels));
        folder.Write("c", SampleFiles.Idx(0x08, [100, 28, 28], pixels));
        folder.Write("d", SampleFiles.Labels(labels));
        await CommandLine.RunWellAsync("train", folder.At("e.yaml"), "--out", folder.At("run"), "--progress", "plain");
        Shape shape = hasChannel ? new Shape(100, 1, 28, 28) : new Shape(100, 28, 28);
        if (asBytes)
            WriteBytes("x.npy", pixels, shape);
        else
            NpyFile.Write(folder.At("x.npy"), HostTensor.From(pixels.Select(pixel => (float)pixel).ToArray(), shape));
        CommandLine predicted = await PredictAsync(folder.At("run"), "lenet5", "x.npy");
        Assert.Equal(await AccuracyAsync(folder.At("run")), AccuracyOf("y.npy", [.. labels.Select(label => $"{label}")], ["0", "1", "2", "3"]));
        Assert.Contains("... and 80 more. In all:", predicted.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_weights_file_alone_is_enough_to_compute_the_logits()
    {
        string run = await TrainIrisAsync();
        (float[] rows, string[] labels) = ReadTest();
        NpyFile.Write(folder.At("x.npy"), HostTensor.From(rows, new Shape(labels.Length, 4)));
        await PredictAsync(run, "mlp", "x.npy");
        using HostTensor expected = NpyFile.Read(folder.At("y.npy"));
        double[] logits = ByHand(File.ReadAllBytes(Path.Combine(run, "model.safetensors")), [.. rows.Chunk(4)]);
        Assert.All(logits.Zip(expected.As<float>().ToArray()), pair => Assert.InRange(pair.First - pair.Second, -1e-4, 1e-4));
        if (await NumpyAsync(run) is { } difference)
            Assert.InRange(difference, 0, 1e-4);
    }

    [Fact]
    public async Task Weights_without_a_contract_are_used_as_they_are_and_the_output_says_so()
    {
        string run = await TrainIrisAsync(), path = Path.Combine(run, "model.safetensors");
        using (Weights weights = SafetensorsFile.Read(path))
            SafetensorsFile.Write(folder.At("bare.safetensors"), weights);
        NpyFile.Write(folder.At("x.npy"), HostTensor.From([5.1f, 3.5f, 1.4f, 0.2f], new Shape(1, 4)));
        CommandLine ran = await CommandLine.RunWellAsync(
            "predict", "--model", "mlp", "--weights", folder.At("bare.safetensors"), "--input", folder.At("x.npy"), "--output", folder.At("y.npy"));
        Assert.Contains("no data contract: the samples were taken as they are", ran.Output, StringComparison.Ordinal);
        using (Weights weights = SafetensorsFile.Read(path))
            SafetensorsFile.Write(folder.At("false.safetensors"), weights, new KeyValuePair<string, string>(DataContract.MetadataKey, "{}"));
        (await CommandLine.RunAsync("predict", "--model", "mlp", "--weights", folder.At("false.safetensors"), "--input", folder.At("x.npy"), "--output", folder.At("y.npy")))
            .AssertRefused("its data contract (edgesplit.contract) cannot be read");
    }

    [Fact]
    public async Task Without_a_test_set_a_run_is_trained_reported_and_complete_and_nothing_is_judged()
    {
        string file = folder.Write("e.yaml", Iris.Replace("TRAIN", Train, StringComparison.Ordinal).Replace(", test: TEST", "", StringComparison.Ordinal));
        CommandLine ran = await CommandLine.RunWellAsync("train", file, "--out", folder.At("run"), "--progress", "plain");
        Assert.Contains("warning: there is no test set, so nothing will be judged", ran.Output, StringComparison.Ordinal);
        Assert.Contains("5 of 5 rounds; nothing was judged, for want of a test set.", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("accuracy 0", ran.Output, StringComparison.Ordinal);
        RunFolder run = RunFolder.Open(folder.At("run"));
        Assert.True(run.IsComplete);
        Assert.Null(Assert.Single(run.ReadEvents().OfType<RunFinished>()).Accuracy);
        Assert.All(File.ReadLines(run.MetricsPath).Skip(1), row => Assert.Equal("", row.Split(',')[3]));
        await CommandLine.RunWellAsync("report", run.Location);
        (await CommandLine.RunAsync("evaluate", run.Location)).AssertRefused("data: the experiment has no test set");
    }

    [Fact]
    public async Task Warnings_of_the_data_come_before_the_first_round_as_lines_and_as_events()
    {
        string file = folder.Write("e.yaml", Iris.Replace("TRAIN", Train, StringComparison.Ordinal).Replace("TEST", Train, StringComparison.Ordinal));
        CommandLine ran = await CommandLine.RunWellAsync("train", file, "--out", folder.At("run"), "--progress", "plain", "--set", "training.rounds=1");
        Assert.Contains("warning: " + Train, ran.Output, StringComparison.Ordinal);
        IReadOnlyList<RunEvent> events = RunFolder.Open(folder.At("run")).ReadEvents();
        Assert.Contains("same content as the training file", Assert.IsType<RunWarning>(events[1]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transformer_learns_the_order_of_tokens_which_a_bag_of_words_cannot_tell()
    {
        WriteTokens("train.csv", 600, 1);
        WriteTokens("test.csv", 200, 2);
        WriteModel();
        string file = folder.Write("e.yaml", Tokens);
        await CommandLine.RunWellAsync("train", file, "--out", folder.At("run"), "--progress", "plain");
        Assert.InRange(await AccuracyAsync(folder.At("run")), 0.9, 1);
        DataContract contract = ContractMetadata.Read(folder.At("run", "model.safetensors"))!;
        Assert.Equal((SampleElement.Token, null), (contract.Element, contract.Normalization));
        (await CommandLine.RunAsync("train", file, "--out", folder.At("other"), "--set", "data.normalize=standard")).AssertRefused("data.normalize: order begins with an embedding");
    }

    [Fact]
    public async Task The_transformer_of_the_examples_learns_four_orders_of_the_same_words()
    {
        foreach ((string name, int count, ulong seed) in new[] { ("train.csv", 600, 1UL), ("test.csv", 100, 2UL) })
            folder.Write(name, FourOrders(count, new SeededRandom(seed)));
        string file = folder.Write("e.yaml", $$"""
            name: tokens
            model: { file: {{Repository.PathOf("examples", "models", "small-transformer.yaml")}} }
            data: { source: csv, train: train.csv, test: test.csv, label: order }
            training: { rounds: 3, localEpochs: 2, batch: 16, optimizer: adam, learningRate: 0.001, evaluateEvery: 3 }
            fleet: { devices: [{ name: a, cut: 1 }, { name: b, cut: 3 }] }
            """);
        await CommandLine.RunWellAsync("train", file, "--out", folder.At("run"), "--progress", "plain");
        Assert.InRange(await AccuracyAsync(folder.At("run")), 0.9, 1);

        // Every row has the tokens 1 to 4 once and otherwise fives; which of 1 and 2, and of 3 and 4, is in the first half makes the class.
        static string FourOrders(int count, SeededRandom random)
        {
            List<string> lines = [string.Join(',', Enumerable.Range(0, 32).Select(place => $"t{place}")) + ",order"];
            for (int row = 0; row < count; row++)
            {
                int[] tokens = [.. Enumerable.Repeat(5, 32)], early = [.. Enumerable.Range(0, 16)], late = [.. Enumerable.Range(16, 16)];
                random.Shuffle<int>(early);
                random.Shuffle<int>(late);
                bool one = row % 2 == 0, three = row % 4 < 2;
                (tokens[early[0]], tokens[late[0]]) = one ? (1, 2) : (2, 1);
                (tokens[early[1]], tokens[late[1]]) = three ? (3, 4) : (4, 3);
                lines.Add($"{string.Join(',', tokens)},{(one ? "12" : "21")}-{(three ? "34" : "43")}");
            }

            return string.Join('\n', lines) + "\n";
        }
    }

    [Fact]
    public async Task A_token_outside_the_vocabulary_is_refused_with_its_file_line_column_and_value()
    {
        WriteTokens("train.csv", 20, 1);
        WriteTokens("test.csv", 20, 2);
        File.AppendAllText(folder.At("train.csv"), "3,3,99,3,3,3,3,3,before\n");
        File.AppendAllText(folder.At("test.csv"), "3,3,3,3,3,3,1.5,3,after\n");
        WriteModel();
        (await CommandLine.RunAsync("train", folder.Write("e.yaml", Tokens), "--out", folder.At("run"))).AssertRefused(
            "train.csv:22: column 't2' is 99, and the network's embedding takes whole numbers from 0 to 11", "test.csv:22: column 't6' is 1.5");
    }

    [Fact]
    public async Task A_run_of_before_the_contract_goes_on_to_the_same_bits_and_one_whose_data_changed_does_not()
    {
        File.Copy(Train, folder.At("train.csv"));
        string file = folder.Write("e.yaml", Iris.Replace("TRAIN", "train.csv", StringComparison.Ordinal).Replace("TEST", Test, StringComparison.Ordinal));
        await CommandLine.RunWellAsync("train", file, "--out", folder.At("whole"), "--progress", "plain");
        await CommandLine.RunWellAsync("train", file, "--out", folder.At("run"), "--progress", "plain");
        RunFolder run = RunFolder.Open(folder.At("run"));
        GoBack(run, withContract: false);
        await CommandLine.RunWellAsync("train", "--resume", run.Location, "--progress", "plain");
        Assert.Equal(File.ReadAllBytes(folder.At("whole", "model.safetensors")), File.ReadAllBytes(run.ModelPath));

        GoBack(run, withContract: true);
        File.AppendAllText(folder.At("train.csv"), "5.0,3.0,1.5,0.2,weed\n");
        (await CommandLine.RunAsync("train", "--resume", run.Location, "--progress", "plain")).AssertRefused(
            "its data are no longer what it was trained on: now they have other classes, or in another order");
    }

    /// <summary>Removes the last round's checkpoint and the model, as if the run had been killed before; the one before perhaps as an older version wrote it.</summary>
    private static void GoBack(RunFolder run, bool withContract)
    {
        File.Delete(run.ModelPath);
        File.Delete(run.Checkpoints.PathOf(5));
        PreparedExperiment prepared = PreparedExperiment.PrepareAsync(run.ReadExperiment(), new DatasetCatalog(new DatasetLocations([], run.Location))).GetAwaiter().GetResult();
        (Checkpoint checkpoint, Weights weights, _) = CheckpointFile.Read(run.Checkpoints.PathOf(4), prepared.Network);
        using (weights)
            CheckpointFile.Write(run.Checkpoints.PathOf(4), checkpoint, weights, velocity: null, withContract ? prepared.Contract : null);
    }

    private const string Tokens = """
        name: tokens
        model: { file: order.yaml }
        data: { source: csv, train: train.csv, test: test.csv, label: order }
        training: { rounds: 12, localEpochs: 2, batch: 16, optimizer: adam, learningRate: 0.005, evaluateEvery: 12 }
        fleet: { devices: [{ name: a, cut: 1 }, { name: b, cut: 2 }] }
        """;

    private void WriteModel() => folder.Write("order.yaml", """
        name: order
        input: 8
        classes: 2
        blocks:
          - { name: tokens, layers: [{ kind: embedding, vocabulary: 12, features: 16 }] }
          - name: attention
            layers:
              - { kind: residual, body: [layer-norm, { kind: attention, heads: 2 }] }
          - name: feed-forward
            layers:
              - { kind: residual, body: [layer-norm, { kind: linear, out-features: 32 }, gelu, { kind: linear, out-features: 16 }] }
              - layer-norm
              - flatten
          - { name: classifier, layers: [{ kind: linear, out-features: classes }] }
        """);

    /// <summary>Whether the token 1 comes before the token 2 or after it: each row has one of each, so counts say nothing.</summary>
    private void WriteTokens(string name, int count, ulong seed)
    {
        SeededRandom random = new(seed);
        List<string> lines = [string.Join(',', Enumerable.Range(0, 8).Select(place => $"t{place}")) + ",order"];
        for (int row = 0; row < count; row++)
        {
            int[] tokens = [.. Enumerable.Range(0, 8).Select(_ => 3 + random.NextInt(9))];
            int first = random.NextInt(7), second = first + 1 + random.NextInt(7 - first);
            bool isBefore = row % 2 == 0;
            (tokens[first], tokens[second]) = isBefore ? (1, 2) : (2, 1);
            lines.Add($"{string.Join(',', tokens)},{(isBefore ? "before" : "after")}");
        }

        folder.Write(name, string.Join('\n', lines) + "\n");
    }

    private async Task<string> TrainIrisAsync()
    {
        string file = folder.Write("e.yaml", Iris.Replace("TRAIN", Train, StringComparison.Ordinal).Replace("TEST", Test, StringComparison.Ordinal));
        await CommandLine.RunWellAsync("train", file, "--out", folder.At("run"), "--progress", "plain");
        return folder.At("run");
    }

    private Task<CommandLine> PredictAsync(string run, string model, string input, params string[] options) => CommandLine.RunWellAsync(
        ["predict", "--model", model, "--weights", Path.Combine(run, "model.safetensors"), "--input", folder.At(input), "--output", folder.At("y.npy"), .. options]);

    private static async Task<double> AccuracyAsync(string run)
    {
        CommandLine ran = await CommandLine.RunWellAsync("evaluate", run, "--format", "json");
        return JsonDocument.Parse(ran.Output).RootElement.GetProperty("accuracy").GetDouble();
    }

    private double AccuracyOf(string logits, string[] labels, string[] classes)
    {
        using HostTensor read = NpyFile.Read(folder.At(logits));
        return (double)TopLabels.Count<float>(read.As<float>(), [.. labels.Select(label => Array.IndexOf(classes, label))]) / labels.Length;
    }

    private static (float[] Rows, string[] Labels) ReadTest()
    {
        string[][] rows = [.. File.ReadLines(Test).Skip(1).Select(line => line.Split(','))];
        return ([.. rows.SelectMany(row => row[..4]).Select(text => float.Parse(text, CultureInfo.InvariantCulture))], [.. rows.Select(row => row[4])]);
    }

    private static (byte[] Pixels, byte[] Labels) Brightness(int count, ulong seed)
    {
        SeededRandom random = new(seed);
        byte[] labels = [.. Enumerable.Range(0, count).Select(_ => (byte)random.NextInt(4))];
        return ([.. labels.SelectMany(label => Enumerable.Range(0, 784).Select(_ => (byte)Math.Clamp(60 + (40 * label) + (25 * random.NextGaussian()), 0, 255)))], labels);
    }

    private void WriteBytes(string name, byte[] pixels, Shape shape)
    {
        string header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({string.Join(", ", shape.Dimensions)}), }}".PadRight(117) + "\n";
        folder.Write(name, [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. System.Text.Encoding.ASCII.GetBytes(header), .. pixels]);
    }

    /// <summary>An mlp as docs/contract.md has NumPy compute it: linear layers in the file's order, ReLU in between.</summary>
    private static double[] ByHand(byte[] file, float[][] rows)
    {
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        JsonElement header = JsonDocument.Parse(file.AsMemory(8, length)).RootElement;
        JsonElement contract = JsonDocument.Parse(header.GetProperty("__metadata__").GetProperty("edgesplit.contract").GetString()!).RootElement;
        double[] mean = NumbersOf(contract, "mean"), deviation = NumbersOf(contract, "deviation");
        string[] layers = [.. header.EnumerateObject().Where(entry => entry.Name.EndsWith(".weight", StringComparison.Ordinal))
            .OrderBy(entry => entry.Value.GetProperty("data_offsets")[0].GetInt64()).Select(entry => entry.Name[..^7])];
        return [.. rows.SelectMany(row =>
        {
            double[] values = [.. row.Select((value, column) => ((value / contract.GetProperty("divisor").GetDouble()) - mean[column]) / deviation[column])];
            foreach ((int index, string layer) in layers.Index())
            {
                float[] weight = TensorOf($"{layer}.weight"), bias = TensorOf($"{layer}.bias");
                double[] input = index == 0 ? values : [.. values.Select(value => Math.Max(0, value))];
                values = [.. bias.Select((constant, unit) => constant + input.Select((value, place) => value * weight[(unit * input.Length) + place]).Sum())];
            }

            return values;
        })];

        float[] TensorOf(string name)
        {
            JsonElement offsets = header.GetProperty(name).GetProperty("data_offsets");
            int start = 8 + length + offsets[0].GetInt32(), end = 8 + length + offsets[1].GetInt32();
            return [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(file.AsSpan(start, end - start))];
        }

        static double[] NumbersOf(JsonElement contract, string key) => [.. contract.GetProperty(key).EnumerateArray().Select(number => number.GetDouble())];
    }

    /// <summary>The largest difference of NumPy's logits from predict's; null on a machine without python3 and NumPy.</summary>
    private async Task<double?> NumpyAsync(string run)
    {
        string script = folder.Write("logits.py", """
            import sys
            try:
                import json, numpy, struct
            except ImportError:
                sys.exit(77)
            raw = open(sys.argv[1], "rb").read()
            length = struct.unpack("<Q", raw[:8])[0]
            header = json.loads(raw[8:8 + length])
            contract = json.loads(header["__metadata__"]["edgesplit.contract"])
            tensor = lambda name: numpy.frombuffer(raw, "<f4", offset=8 + length + header[name]["data_offsets"][0],
                count=numpy.prod(header[name]["shape"], dtype=int)).reshape(header[name]["shape"])
            rows = numpy.load(sys.argv[2])
            x = (rows / contract["divisor"] - contract["mean"]) / contract["deviation"]
            layers = sorted((n[:-7] for n in header if n.endswith(".weight")), key=lambda n: header[n + ".weight"]["data_offsets"][0])
            for index, layer in enumerate(layers):
                x = (x if index == 0 else numpy.maximum(x, 0)) @ tensor(layer + ".weight").T + tensor(layer + ".bias")
            print(abs(x - numpy.load(sys.argv[3])).max())
            """);
        try
        {
            using Process python = Process.Start(new ProcessStartInfo("python3", [script, Path.Combine(run, "model.safetensors"), folder.At("x.npy"), folder.At("y.npy")])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            string output = await python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await python.WaitForExitAsync(TestContext.Current.CancellationToken);
            return python.ExitCode == 77 ? null : double.Parse(output, CultureInfo.InvariantCulture);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
