using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using EdgeSplit.Torch;

namespace EdgeSplit.Tests.Cli;

/// <summary>Whatever is wrong: exit 2, a line for each fault, all at once, and nothing written.</summary>
[Collection(TorchCollection.Name)]
public sealed class BadInputTests : IDisposable
{
    private static readonly string Example = Repository.PathOf("examples", "four-devices.yaml");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Train_tells_of_the_experiment_the_device_the_data_and_the_output_folder_at_once()
    {
        string experiment = folder.Write("bad.yaml", """
            model: lenet5
            data: fashion-mnist
            trainig: { rounds: 3 }
            training: { rounds: two, localStep: 3, learningRate: 5 rounds }
            fleet: { devices: [{ name: a, cut: 0 }] }
            """);
        string file = folder.Write("file", "");

        CommandLine ran = await CommandLine.RunAsync(
            "train", experiment, "--out", Path.Combine(file, "run"), "--device", "gpu", "--data-dir", folder.At("nowhere"), "--set", "seeds=1");

        ran.AssertRefused(
            "did you mean 'training'", "training.rounds", "did you mean 'localSteps'", "training.learningRate", "fleet.devices[0].cut",
            "did you mean 'seed'", "--device", "--data-dir", $"error: {Path.Combine(file, "run")}");
        AssertUntouched("bad.yaml", "file");
    }

    [Fact]
    public async Task Cuts_and_devices_that_do_not_fit_are_told_with_a_device_that_is_not_there_and_no_folder_is_made()
    {
        CommandLine ran = await CommandLine.RunAsync(
            "train", Example, "--out", folder.At("a", "b"), "--device", "cuda:999", "--set", "fleet.devices[0].cut=6", "--set", "data.trainSamples=3");

        ran.AssertRefused("cut 6 of 'sensor' is outside 1..5", "there are 4 devices for 3 training samples", "--device");
        AssertUntouched();
    }

    [Fact]
    public async Task Missing_truncated_and_corrupt_data_files_are_each_named()
    {
        string source = Repository.PathOf("data", "fashion-mnist");
        foreach (string path in Directory.GetFiles(source, "*.gz"))
            folder.Write(Path.Combine("fashion-mnist", Path.GetFileName(path)), await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        string cut = folder.At("fashion-mnist", "t10k-images-idx3-ubyte.gz"), flipped = folder.At("fashion-mnist", "t10k-labels-idx1-ubyte.gz");
        using (FileStream stream = File.OpenWrite(cut))
            stream.SetLength(stream.Length / 2);
        byte[] bytes = await File.ReadAllBytesAsync(flipped, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(flipped, bytes, TestContext.Current.CancellationToken);
        string[] train = ["train", Example, "--out", folder.At("run"), "--data-dir", folder.Root];

        (await CommandLine.RunAsync(train)).AssertRefused(cut, flipped);
        (await CommandLine.RunAsync("data", "show", Example, "--data-dir", folder.Root)).AssertRefused(cut, flipped);
        File.Delete(cut);
        (await CommandLine.RunAsync([.. train, "--device", "gpu"])).AssertRefused($"{cut}: there is no such file", "--device");
        AssertUntouched("fashion-mnist");
    }

    [Fact]
    public async Task Predict_tells_of_weights_input_output_device_batch_and_model_at_once()
    {
        string input = folder.Write("x.npy", "no array"), weights = folder.Write("w.safetensors", [255, 255, 255, 255, 255, 255, 255, 127, 0]);

        CommandLine ran = await CommandLine.RunAsync(
            "predict", "--model", "lenet", "--weights", weights, "--input", input, "--output", folder.At("no", "y.npy"), "--batch", "0", "--device", "gpu");

        ran.AssertRefused("did you mean 'lenet5'", weights, input, "--output", "--batch", "--device");
        AssertUntouched("w.safetensors", "x.npy");
    }

    [Fact]
    public async Task Weights_that_do_not_fit_name_the_first_parameters_that_differ()
    {
        string input = WriteSamples(), weights = WriteWeights("lenet5", new Shape(1, 32, 32));
        string[] predict = ["predict", "--input", input, "--weights", weights, "--output", folder.At("y.npy"), "--model"];

        (await CommandLine.RunAsync([.. predict, "lenet5"])).AssertRefused("fc1.weight is");
        (await CommandLine.RunAsync([.. predict, "mlp"])).AssertRefused("conv1.weight, conv1.bias, conv2.weight, ...", "fc1.weight is 120x576, not 200x784");
        (await CommandLine.RunAsync("evaluate", weights, "--experiment", Example, "--device", "gpu")).AssertRefused("fc1.weight is", "--device");
        AssertUntouched("w.safetensors", "x.npy");
    }

    [Fact]
    public async Task A_header_that_lies_about_its_size_is_refused()
    {
        string input = WriteSamples(), weights = WriteWeights("lenet5", new Shape(1, 28, 28));
        byte[] bytes = await File.ReadAllBytesAsync(weights, TestContext.Current.CancellationToken);
        foreach (long lie in (long[])[0, 7, bytes.Length, int.MaxValue, long.MaxValue, -1])
        {
            BitConverter.TryWriteBytes(bytes, lie);
            await File.WriteAllBytesAsync(weights, bytes, TestContext.Current.CancellationToken);
            (await CommandLine.RunAsync("predict", "--model", "lenet5", "--weights", weights, "--input", input, "--output", folder.At("y.npy")))
                .AssertRefused(weights);
            (await CommandLine.RunAsync("evaluate", weights, "--experiment", Example)).AssertRefused(weights);
        }

        AssertUntouched("w.safetensors", "x.npy");
    }

    [Fact]
    public async Task Evaluate_checks_the_weights_though_the_experiment_is_bad()
    {
        string weights = folder.Write("w.safetensors", "short");
        (await CommandLine.RunAsync("evaluate", weights, "--experiment", Example, "--set", "training.rounds=none")).AssertRefused("training.rounds", weights);
        (await CommandLine.RunAsync("evaluate", weights)).AssertRefused("say --experiment FILE");
        (await CommandLine.RunAsync("evaluate", folder.At("nowhere"), "--device", "gpu")).AssertRefused("no such run folder", "--device");
    }

    [Theory]
    [InlineData("/proc/edgesplit")]
    [InlineData("")]
    [InlineData("file")]
    [InlineData("file/run")]
    [InlineData("full")]
    public async Task An_output_folder_that_cannot_be_used_is_refused_before_anything_is_trained(string place)
    {
        folder.Write("file", "");
        folder.Write("full/notes.txt", "mine");
        string path = place is "" or "/proc/edgesplit" ? place : folder.At(place);
        (await CommandLine.RunAsync("train", Example, "--out", path)).AssertRefused("--out");
        (await CommandLine.RunAsync("demo", "--out", path)).AssertRefused("--out");
        AssertUntouched("file", "full");
        Assert.Single(Directory.GetFileSystemEntries(folder.At("full")));
    }

    [Fact]
    public async Task A_full_disk_is_told_and_leaves_nothing_behind()
    {
        // So that the library, where it has to be patched, lies in the cache already.
        _ = new TorchEngine();
        using CommandProcess train = CommandProcess.StartWithLittleDisk(kibibytes: 8, "train", Example, "--out", folder.At("a", "run"));
        string error = await train.Error.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, await train.EndAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith($"error: {folder.At("a", "run")}: the run cannot be written here", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        AssertUntouched();
    }

    [Fact]
    public async Task Logits_go_nowhere_but_to_a_file_that_can_be_written()
    {
        string input = WriteSamples(), weights = WriteWeights("lenet5", new Shape(1, 28, 28));
        foreach (string output in (string[])["/proc/y.npy", folder.Root, folder.At("x.npy", "y.npy")])
        {
            (await CommandLine.RunAsync("predict", "--model", "lenet5", "--weights", weights, "--input", input, "--output", output))
                .AssertRefused("--output");
        }

        AssertUntouched("w.safetensors", "x.npy");
    }

    private string WriteSamples()
    {
        using HostTensor samples = HostTensor.Zeros(ElementType.Float32, new Shape(2, 1, 28, 28));
        NpyFile.Write(folder.At("x.npy"), samples);
        return folder.At("x.npy");
    }

    private string WriteWeights(string model, Shape input)
    {
        using Weights weights = WeightInitializer.Initialize(new Network(ModelZoo.Create(model, input, 10)), seed: 1);
        SafetensorsFile.Write(folder.At("w.safetensors"), weights);
        return folder.At("w.safetensors");
    }

    private void AssertUntouched(params string[] expected) =>
        Assert.Equal(expected, Directory.GetFileSystemEntries(folder.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
}
