using System.Runtime.InteropServices;

namespace EdgeSplit.Torch.Native;

/// <summary>Where the build put libtorch's shared libraries.</summary>
internal static class NativeFolder
{
    /// <summary>The file that TorchSharp calls into, as this platform names it.</summary>
    public static string BridgeFile => FileNameOf("LibTorchSharp");

    /// <summary>The platform's part of package names (<c>linux-x64</c>).</summary>
    public static string Platform
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return $"{system}-{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";
        }
    }

    /// <summary><c>libtorch.so</c>, <c>libtorch.dylib</c> or <c>torch.dll</c> for <c>torch</c>.</summary>
    public static string FileNameOf(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>The path of a native library, or null where the build has none for this platform.</summary>
    public static string? Find(string fileName)
    {
        string searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        string[] folders =
        [
            Path.Combine(AppContext.BaseDirectory, "runtimes", Platform, "native"),
            AppContext.BaseDirectory,
            .. searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        ];
        return folders.Select(folder => Path.Combine(folder, fileName)).FirstOrDefault(File.Exists);
    }
}
