using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using EdgeSplit.Torch.Native;
using TorchSharp;

namespace EdgeSplit.Torch;

/// <summary>Runs segments with libtorch, on the CPU or on a CUDA device.</summary>
/// <remarks>
/// Layers compute what torch's of the same name do, with one difference: batch-norm in training over a single value per
/// channel (a batch of one sample of 1x1 pixels), where torch refuses. There is no variance to estimate then, so it
/// normalises by the running statistics and leaves them alone; a short last batch does not end a run, and no cut
/// changes that.
/// </remarks>
public sealed class TorchEngine : IEngine
{
    private readonly torch.Device device;
    private readonly TorchLoad load;

    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="elementType">float32 or float64.</param>
    /// <exception cref="TorchUnavailableException">libtorch cannot be loaded.</exception>
    /// <exception cref="InvalidInputException">There is no such device.</exception>
    public TorchEngine(string device = "cpu", ElementType elementType = ElementType.Float32)
    {
        if (elementType is not (ElementType.Float32 or ElementType.Float64))
            throw new ArgumentOutOfRangeException(nameof(elementType), elementType, "Training runs in float32 or float64.");
        load = TorchRuntime.EnsureLoaded();
        ElementType = elementType;
        this.device = Parse(device);
    }

    public string Description =>
        $"libtorch {load.Version}, {(device.type == DeviceType.CPU ? "CPU" : $"CUDA device {device.index}")}";

    public string NumericsOf(int threads)
    {
        string device = this.device.type == DeviceType.CPU ? TorchNumerics.Describe() : "CUDA, on a GPU and a driver that it does not name";
        return FormattableString.Invariant($"libtorch {load.Version}, {device}, {threads} thread{(threads == 1 ? "" : "s")} an operation");
    }

    public ElementType ElementType { get; }

    /// <summary>How many CUDA devices libtorch finds; 0 where it was built without.</summary>
    /// <exception cref="TorchUnavailableException">libtorch cannot be loaded.</exception>
    public static int CudaDevices
    {
        get
        {
            TorchRuntime.EnsureLoaded();
            return torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        }
    }

    public void PrepareLane(int threads) => torch.set_num_threads(threads);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A parameter is missing or has another shape.</exception>
    public ISegment Build(SegmentSpec spec, Weights weights) => new TorchSegment(spec, weights, device, ElementType);

    private static torch.Device Parse(string device)
    {
        if (device == "cpu")
            return torch.CPU;
        string[] parts = device.Split(':');
        int index = 0;
        bool known = parts[0] == "cuda" && (parts.Length == 1
            || (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index)));
        if (!known)
            throw new InvalidInputException("device", $"'{device}' is not a device", "use cpu, cuda or cuda:N");
        int count = CudaDevices;
        if (count == 0)
        {
            throw new InvalidInputException(
                "device", $"'{device}' is asked for, but libtorch finds no CUDA device",
                "use cpu, or build with a libtorch-cuda package on a machine with an NVIDIA driver");
        }

        return index < count
            ? new torch.Device(DeviceType.CUDA, index)
            : throw new InvalidInputException("device", $"'{device}' is asked for, but there are {count} CUDA devices", $"use cuda:0 to cuda:{count - 1}");
    }
}
