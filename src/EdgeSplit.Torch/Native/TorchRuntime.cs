using System.Runtime.InteropServices;
using TorchSharp;

namespace EdgeSplit.Torch.Native;

/// <summary>How libtorch was loaded.</summary>
/// <param name="Library">The file that TorchSharp calls into.</param>
/// <param name="PatchedFor">The symbol version that the system's libstdc++ lacks, or null where the library is the original.</param>
/// <param name="Version">libtorch's version.</param>
public sealed record TorchLoad(string Library, string? PatchedFor, string Version);

/// <summary>Loads libtorch, once in a process, before anything touches TorchSharp.</summary>
public static class TorchRuntime
{
    private const string Bridge = "LibTorchSharp";

    private static readonly Lock Gate = new();
    private static TorchLoad? loaded;
    private static TorchUnavailableException? failure;

    /// <summary>Where a patched copy is kept, if one is needed.</summary>
    public static string CacheFolder => PatchedLibrary.CacheFolder;

    /// <summary>Loads libtorch unless it is loaded. Any thread may call it.</summary>
    /// <exception cref="TorchUnavailableException">It cannot be loaded here; the same every time.</exception>
    public static TorchLoad EnsureLoaded()
    {
        lock (Gate)
        {
            if (failure is not null)
                throw new TorchUnavailableException(failure.Problem, failure.Remedy, failure);
            try
            {
                return loaded ??= Load();
            }
            catch (TorchUnavailableException exception)
            {
                failure = exception;
                throw;
            }
        }
    }

    private static TorchLoad Load()
    {
        string bridge = Find(Bridge);
        string? patchedFor = null;
        try
        {
            TensorMemory.KeepFreed();
            // In the order of their dependencies: what a patched copy elsewhere needs is then in the process already.
            foreach (string library in new[] { "c10", "torch_cpu", "torch" })
                NativeLibrary.Load(Find(library));
            if (OperatingSystem.IsLinux())
                (bridge, patchedFor) = PatchWhereNeeded(bridge);
            nint handle = NativeLibrary.Load(bridge);
            NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name == Bridge ? handle : 0);
            torch.InitializeDeviceType(DeviceType.CPU);
            return new TorchLoad(bridge, patchedFor, System.Version.Parse(torch.__version__).ToString(3));
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException or NotSupportedException
            or TypeInitializationException or InvalidOperationException)
        {
            throw new TorchUnavailableException(
                exception.Message.ReplaceLineEndings(" ").Trim(), "`edgesplit doctor` says what this machine lacks", exception);
        }
    }

    private static string Find(string library) =>
        NativeFolder.Find(NativeFolder.FileNameOf(library)) ?? throw new TorchUnavailableException(
            $"there is no {NativeFolder.FileNameOf(library)} for {NativeFolder.Platform} in {AppContext.BaseDirectory}",
            "build on x64 Linux, x64 Windows or an Apple-silicon Mac, for which there are libtorch packages, and run `dotnet restore` first");

    /// <summary>The library itself where libstdc++ has all it asks for, or else a patched copy (docs/decisions/0002).</summary>
    private static (string Path, string? PatchedFor) PatchWhereNeeded(string bridge)
    {
        string? standardLibrary = LoadedStandardLibrary();
        if (standardLibrary is null)
            return (bridge, null);
        try
        {
            byte[] original = File.ReadAllBytes(bridge);
            ElfImage image = new(original);
            if (SymbolVersionPatch.Missing(image, new ElfImage(File.ReadAllBytes(standardLibrary))) is not { } version)
                return (bridge, null);
            byte[] patched = SymbolVersionPatch.Apply(original, image, version);
            return (PatchedLibrary.Place(patched, Path.GetFileName(bridge), PatchedLibrary.CacheFolder), version.Version);
        }
        catch (InvalidDataException exception)
        {
            throw new TorchUnavailableException(
                $"{Path.GetFileName(bridge)} does not fit {standardLibrary} ({exception.Message})",
                "use a system with a newer libstdc++ (Ubuntu 24.04, Debian 13, Fedora 39 or later)", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TorchUnavailableException(
                $"{standardLibrary} is too old for {Path.GetFileName(bridge)}, and no patched copy can be written ({exception.Message})",
                "point XDG_CACHE_HOME or TMPDIR at a folder that can be written and executed from", exception);
        }
    }

    /// <summary>The libstdc++ that this process runs with: whatever the loader chose.</summary>
    private static string? LoadedStandardLibrary() =>
        File.ReadLines("/proc/self/maps")
            .Select(line => line.IndexOf('/', StringComparison.Ordinal) is >= 0 and int start ? line[start..] : "")
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libstdc++.so.6", StringComparison.Ordinal));
}
