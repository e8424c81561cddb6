using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeSplit.Tests.House;

/// <summary>What is locked does not follow the SDK that restores, nor the platform that it restores for.</summary>
public partial class LockFileTests
{
    private const string Analyzers = "Microsoft.NET.ILLink.Tasks";
    private static readonly string Core = Repository.PathOf("src", "EdgeSplit");

    [Fact]
    public async Task Another_patch_of_the_sdk_takes_the_trimming_analyzers_that_are_locked()
    {
        string bundled = (await EvaluateAsync("-getProperty:NETCoreSdkBundledVersionsProps")).Trim();
        string text = await File.ReadAllTextAsync(bundled, TestContext.Current.CancellationToken);
        // As its next patch would have it; it finds its neighbours where they are.
        string other = AnalyzersVersion().Replace(text, "ILLinkPackVersion=\"10.0.99\"")
            .Replace("$(MSBuildThisFileDirectory)", Path.GetDirectoryName(bundled) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        Assert.NotEqual(text, other);
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, other, TestContext.Current.CancellationToken);
            using JsonDocument items = JsonDocument.Parse(await EvaluateAsync("-getItem:KnownILLinkPack", $"-p:NETCoreSdkBundledVersionsProps={file}"));
            string version = items.RootElement.GetProperty("Items").GetProperty("KnownILLinkPack").EnumerateArray()
                .First(item => item.GetProperty("TargetFramework").GetString() == "net10.0").GetProperty("ILLinkPackVersion").GetString()!;
            foreach (string host in (string[])["linux", "windows", "macos"])
                Assert.Equal(version, Locked(Path.Combine(Core, $"packages.{host}.lock.json")).GetProperty("net10.0").GetProperty(Analyzers).GetProperty("resolved").GetString());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_restore_for_one_platform_finds_it_in_every_lock_file()
    {
        string[] platforms = (await EvaluateAsync("-getProperty:RuntimeIdentifiers", "-p:RuntimeIdentifiers=linux-arm64")).Trim().Split(';');
        Assert.Contains("linux-arm64", platforms);
        Assert.Contains("win-x64", platforms);
        foreach (string file in Directory.EnumerateFiles(Repository.Root, "packages.*.lock.json", SearchOption.AllDirectories))
        {
            Assert.Equal(
                platforms.Order(StringComparer.Ordinal),
                Locked(file).EnumerateObject().Select(target => target.Name.Split('/')).Where(parts => parts.Length == 2).Select(parts => parts[1]).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_restore_never_rewrites_them_by_itself() =>
        Assert.Equal("true", (await EvaluateAsync("-getProperty:RestoreLockedMode")).Trim());

    private static JsonElement Locked(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
        return document.RootElement.GetProperty("dependencies").Clone();
    }

    private static async Task<string> EvaluateAsync(params string[] arguments)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        ProcessStartInfo start = new(host, ["msbuild", Core, "-nologo", .. arguments]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        return output;
    }

    [GeneratedRegex("ILLinkPackVersion=\"10\\.[0-9.]+\"")]
    private static partial Regex AnalyzersVersion();
}
