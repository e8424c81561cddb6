using System.Text.Json;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;

namespace EdgeSplit.Tests.Cli;

[Collection(TorchCollection.Name)]
public sealed class PredictAndDoctorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Predict_writes_a_row_of_logits_for_each_sample_whatever_the_batch()
    {
        Network network = new(ModelZoo.Create("lenet5", new Shape(1, 28, 28), 7));
        using Weights weights = WeightInitializer.Initialize(network, seed: 3);
        SafetensorsFile.Write(folder.At("w.safetensors"), weights);
        float[] pixels = [.. Enumerable.Range(0, 3 * 28 * 28).Select(index => index % 29 / 29f)];
        using HostTensor samples = HostTensor.From(pixels, new Shape(3, 1, 28, 28));
        NpyFile.Write(folder.At("x.npy"), samples);
        using HostTensor one = HostTensor.From(pixels.AsSpan(0, 28 * 28), new Shape(1, 28, 28));
        NpyFile.Write(folder.At("one.npy"), one);

        float[] together = await PredictAsync("x.npy", "64"), apart = await PredictAsync("x.npy", "1"), first = await PredictAsync("one.npy", "64");

        Assert.Equal(3 * 7, together.Length);
        for (int logit = 0; logit < together.Length; logit++)
            Assert.Equal(together[logit], apart[logit], 1e-5);
        Assert.Equal(apart[..7], first);
    }

    [Fact]
    public async Task Doctor_finds_that_training_works_and_where_the_data_is()
    {
        CommandLine text = await CommandLine.RunWellAsync("doctor");
        Assert.Contains("Training works on this machine.", text.Output, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse((await CommandLine.RunWellAsync("doctor", "--format", "json")).Output);
        JsonElement data = Assert.Single(json.RootElement.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("name").GetString() == "data");
        Assert.Contains(Repository.PathOf("data", "fashion-mnist"), data.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<float[]> PredictAsync(string input, string batch)
    {
        string output = folder.At("y.npy");
        CommandLine ran = await CommandLine.RunWellAsync(
            "predict", "--model", "lenet5", "--weights", folder.At("w.safetensors"), "--input", folder.At(input), "--output", output, "--batch", batch);
        Assert.Contains(output, ran.Output, StringComparison.Ordinal);
        using HostTensor logits = NpyFile.Read(output);
        return logits.As<float>().ToArray();
    }
}
