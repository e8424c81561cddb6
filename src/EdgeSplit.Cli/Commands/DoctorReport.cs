using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Torch;
using EdgeSplit.Torch.Native;

namespace EdgeSplit.Cli.Commands;

/// <summary>One thing looked at.</summary>
/// <param name="Name">What.</param>
/// <param name="Works">Whether it is as it should be; an absent option such as CUDA is.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">What to do, where something can be done.</param>
internal sealed record DoctorFinding(string Name, bool Works, string Detail, string? Remedy = null);

/// <summary>What this machine has for EdgeSplit.</summary>
/// <param name="CanTrain">Whether a network was trained a step here.</param>
/// <param name="Findings">In the order in which they matter.</param>
internal sealed record DoctorReport(bool CanTrain, IReadOnlyList<DoctorFinding> Findings)
{
    public static async Task<DoctorReport> ExamineAsync()
    {
        List<DoctorFinding> findings =
        [
            new("system", true, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}"),
            new(".NET", true, RuntimeInformation.FrameworkDescription),
            new("processor", true, $"{Environment.ProcessorCount} logical cores, {VectorBits}-bit vectors"),
            Memory(),
            CacheFolder(),
            FashionMnist(),
        ];
        try
        {
            TorchLoad load = TorchRuntime.EnsureLoaded();
            findings.Add(new("libtorch", true, load.PatchedFor is null
                ? $"{load.Version}, {load.Library}"
                : $"{load.Version}; libstdc++ here lacks {load.PatchedFor}, so a patched copy is in use: {load.Library}"));
            findings.Add(new("bits", true, $"those of {new TorchEngine().NumericsOf(threads: 1)}; engines and processors with other words compute other bits"));
            int devices = TorchEngine.CudaDevices;
            findings.Add(devices > 0
                ? new("CUDA", true, $"{devices} devices: --device cuda")
                : new("CUDA", true, "none; training runs on the CPU"));
            findings.Add(await TrainAsync().ConfigureAwait(false));
        }
        catch (TorchUnavailableException exception)
        {
            findings.Add(new("libtorch", false, exception.Problem, exception.Remedy));
            return new DoctorReport(false, findings);
        }

        return new DoctorReport(findings[^1].Works, findings);
    }

    private static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    private static DoctorFinding Memory()
    {
        double gigabytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        string detail = string.Create(CultureInfo.InvariantCulture, $"{gigabytes:F1} GB for this process");
        return gigabytes >= 2 ? new("memory", true, detail) : new("memory", false, detail, "large networks will not fit; 2 GB is enough for the demo");
    }

    private static DoctorFinding CacheFolder()
    {
        string folder = TorchRuntime.CacheFolder;
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(Path.Combine(folder, "doctor"), _ => { });
            File.Delete(Path.Combine(folder, "doctor"));
            return new("cache", true, $"{folder} can be written");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new("cache", false, FileTrouble.Describe(exception), "point XDG_CACHE_HOME at a folder that can be written; until then a temporary one is used");
        }
    }

    private static DoctorFinding FashionMnist()
    {
        const string Set = "fashion-mnist";
        DatasetLocations locations = DatasetLocations.Find(dataDir: null);
        try
        {
            return new DatasetCatalog(locations).Find(Set) is { } folder
                ? new("data", true, $"{Set} is in {folder}")
                : new("data", true, $"{Set} is not on this machine; the first run downloads it to {locations.Cache}",
                    $"without a network, put its files into a folder {Set} and name the folder around it in {DatasetLocations.Variable}");
        }
        catch (InvalidInputException invalid)
        {
            return new("data", false, invalid.Faults[0].ToString());
        }
    }

    /// <summary>Trains a small VGG for three steps; the last is timed.</summary>
    private static async Task<DoctorFinding> TrainAsync()
    {
        const int Batch = 16, Steps = 3;
        Network network = new(ModelZoo.Create("vgg5", new Shape(3, 32, 32), classes: 10));
        using Weights weights = WeightInitializer.Initialize(network, seed: 1);
        using HostTensor input = HostTensor.Zeros(ElementType.Float32, network.Spec.Input.Prepend(Batch));
        input.As<float>().Fill(0.5f);
        TorchEngine engine = new();
        await using ComputeLanes lanes = new(engine, count: 1, Environment.ProcessorCount);
        (double loss, TimeSpan time) = await lanes.RunAsync(() =>
        {
            using ISegment segment = engine.Build(new SegmentSpec(network, 1, network.Length, new OptimizerSpec.Sgd()), weights);
            (double Loss, TimeSpan Time) last = default;
            for (int step = 0; step < Steps; step++)
            {
                long start = TimeProvider.System.GetTimestamp();
                last.Loss = segment.ForwardBackward(input, new int[Batch], new StepKey(1, 0, 1, step)).Loss;
                segment.Step(0.01);
                last.Time = TimeProvider.System.GetElapsedTime(start);
            }

            return last;
        }).ConfigureAwait(false);

        double flops = Batch * network.Blocks.Sum(block => (double)(block.ForwardFlops + block.BackwardFlops));
        return double.IsFinite(loss)
            ? new("training", true, string.Create(
                CultureInfo.InvariantCulture, $"{Steps} steps of {network.Spec.Name} with a batch of {Batch}, {flops / time.TotalSeconds / 1e9:F0} GFLOP/s"))
            : new("training", false, $"the loss became {loss}", "this processor or libtorch computes wrongly; try another version");
    }
}
