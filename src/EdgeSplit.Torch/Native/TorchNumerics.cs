using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace EdgeSplit.Torch.Native;

/// <summary>
/// What decides the bits of libtorch's results on this processor: the kernels that ATen chose, the processor's features and kind, by which
/// oneDNN and MKL choose theirs, and the settings of the environment that hold them back.
/// </summary>
internal static class TorchNumerics
{
    /// <summary>Of <c>std::string at::get_cpu_capability()</c>, in the C++ ABI of Linux and macOS with GNU's strings.</summary>
    private const string CapabilitySymbol = "_ZN2at18get_cpu_capabilityB5cxx11Ev";

    /// <summary>What holds libraries back to older instructions; ATEN_CPU_CAPABILITY shows in the kernels.</summary>
    private static readonly string[] Settings = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_CPU_TYPE"];

    /// <summary><c>AVX2 kernels on the processor AuthenticAMD 25/1 (x86-64-v3), ONEDNN_MAX_CPU_ISA=SSE41</c>.</summary>
    public static string Describe()
    {
        string[] settings = [.. Settings
            .Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name)))
            .Where(setting => !string.IsNullOrEmpty(setting.Value))
            .Select(setting => $", {setting.Name}={setting.Value!.ToUpperInvariant()}")];
        return $"{Kernels()} kernels on the processor {Processor()}{string.Concat(settings)}";
    }

    private static string Kernels() => Capability() ?? Environment.GetEnvironmentVariable("ATEN_CPU_CAPABILITY")?.ToUpperInvariant() switch
    {
        null or "" => "its own",
        var held => held,
    };

    /// <summary>What ATen says; null where it cannot be asked.</summary>
    private static unsafe string? Capability()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64
            || NativeFolder.Find(NativeFolder.FileNameOf("torch_cpu")) is not { } library
            || !NativeLibrary.TryLoad(library, out nint handle)
            || !NativeLibrary.TryGetExport(handle, CapabilitySymbol, out nint function))
        {
            return null;
        }

        // A function that returns a std::string takes its place as a hidden first argument: pointer, length, 16 bytes for short ones.
        nint* text = stackalloc nint[4];
        ((delegate* unmanaged<nint*, nint*>)function)(text);
        return Encoding.ASCII.GetString((byte*)text[0], (int)text[1]);
    }

    private static string Processor() =>
        X86Base.IsSupported ? $"{X86Kind()} (x86-64-v{X86Level()})" : RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>Vendor, family and model, as cpuid has them.</summary>
    private static string X86Kind()
    {
        (_, int ebx, int ecx, int edx) = X86Base.CpuId(0, 0);
        Span<byte> vendor = stackalloc byte[12];
        MemoryMarshal.Write(vendor, ebx);
        MemoryMarshal.Write(vendor[4..], edx);
        MemoryMarshal.Write(vendor[8..], ecx);
        int signature = X86Base.CpuId(1, 0).Eax;
        int family = (signature >> 8) & 0xF;
        int model = (signature >> 4) & 0xF;
        if (family is 6 or 15)
            model += ((signature >> 16) & 0xF) << 4;
        if (family == 15)
            family += (signature >> 20) & 0xFF;
        return FormattableString.Invariant($"{Encoding.ASCII.GetString(vendor)} {family}/{model}");
    }

    /// <summary>The level of the x86-64 ABI: 4 with AVX-512, 3 with AVX2 and FMA, 2 with SSE4.2.</summary>
    private static int X86Level()
    {
        const int Fma = 1 << 12, Sse42 = 1 << 20, Avx2 = 1 << 5;
        const uint Avx512 = (1u << 16) | (1u << 17) | (1u << 28) | (1u << 30) | (1u << 31);
        int basic = X86Base.CpuId(1, 0).Ecx;
        int extended = X86Base.CpuId(0, 0).Eax >= 7 ? X86Base.CpuId(7, 0).Ebx : 0;
        return (basic & Sse42) == 0 ? 1 : (basic & Fma) == 0 || (extended & Avx2) == 0 ? 2 : ((uint)extended & Avx512) != Avx512 ? 3 : 4;
    }
}
