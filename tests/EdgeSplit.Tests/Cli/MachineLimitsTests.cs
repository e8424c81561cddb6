using EdgeSplit.Tests.Data;

namespace EdgeSplit.Tests.Cli;

/// <summary>What the machine lacks is told in one line that names it and the remedy.</summary>
public sealed class MachineLimitsTests : IDisposable
{
    private const string Small = """
        model: lenet5
        data: { source: synthetic, shape: 1x28x28, trainSamples: 40, testSamples: 10 }
        training: { rounds: 1, localSteps: 1, batch: 4 }
        fleet: { devices: [ { name: a, cut: 1 } ] }
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(48)]
    [InlineData(64)]
    [InlineData(80)]
    [InlineData(100)]
    public async Task Too_few_open_files_are_told_with_the_limit(int files)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits are those of Linux");
        (int status, string error) = await RunAsync($"ulimit -n {files}; exec \"$@\"", null, "train", Write(), "--out", folder.At("run"));
        Assert.Equal(1, status);
        Assert.Equal($"error: too many open files: this process may have {files} open at once; raise the limit of open files, as with: ulimit -n 1024\n", error);
    }

    [Fact]
    public async Task A_full_standard_output_is_not_blamed_on_the_run_folder()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full");
        (int status, string error) = await RunAsync("exec \"$@\" >/dev/full", null, "train", Write(), "--out", folder.At("run"), "--progress", "plain");
        Assert.Equal((1, "error: standard output cannot be written: the disk is full\n"), (status, error));
    }

    [Fact]
    public async Task A_fleet_of_processes_needs_no_temporary_folder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "TMPDIR is Unix's");
        (int status, string error) = await RunAsync("exec \"$@\"", ("TMPDIR", folder.At("missing")), "launch", Write(), "--out", folder.At("run"));
        Assert.True(status == 0, error);
    }

    [Fact]
    public async Task Made_up_samples_are_bounded_before_memory_is_taken() =>
        (await CommandLine.RunAsync("train", Write(), "--out", folder.At("run"), "--set", "data.trainSamples=2000000000")).AssertRefused(
            "data.trainSamples: 2000000000 samples would take 24.0 GB of memory for their labels and their dealing; give at most 20000000");

    [Fact]
    public async Task Files_of_another_kind_are_refused_by_what_they_are()
    {
        string model = folder.At("m.onnx"), weights = folder.At("w.pth");
        await File.WriteAllBytesAsync(model, [8, 8, 0x12, 7, .. "pytorch"u8, 0x80, 0x01], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(weights, [.. "PK\u0003\u0004"u8, .. "archive/data.pkl"u8, 0x80], TestContext.Current.CancellationToken);
        (await CommandLine.RunAsync("models", "show", model)).AssertRefused("this is an ONNX model, and a text in YAML is asked for");
        (await CommandLine.RunAsync("predict", "--model", "lenet5", "--weights", weights, "--input", weights, "--output", folder.At("y.npy"))).AssertRefused(
            "this is a zip file, as PyTorch writes .pt and .pth, and an array in .npy is asked for",
            "this is a zip file, as PyTorch writes .pt and .pth, and weights are read as safetensors; load it in PyTorch");
    }

    private string Write()
    {
        string path = folder.At("small.yaml");
        File.WriteAllText(path, Small);
        return path;
    }

    private static async Task<(int Status, string Error)> RunAsync(string script, (string, string)? environment, params string[] arguments)
    {
        using CommandProcess program = CommandProcess.StartBy(script, environment, arguments);
        Task<string> output = program.Output.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await program.Error.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        return (await program.EndAsync(TestContext.Current.CancellationToken), error);
    }
}
