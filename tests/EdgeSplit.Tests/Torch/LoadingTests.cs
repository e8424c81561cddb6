using EdgeSplit.Numerics;
using EdgeSplit.Torch.Native;
using TorchSharp;

namespace EdgeSplit.Tests.Torch;

public class LoadingTests
{
    [Fact]
    public void Libtorch_loads_here_and_computes()
    {
        Assert.Equal("2.10.0", TorchRuntime.EnsureLoaded().Version);
        using torch.Tensor ones = torch.ones(2, 3);
        using torch.Tensor sum = ones.sum();
        Assert.Equal(6, sum.item<float>());
    }

    [Fact]
    public void Loading_twice_is_loading_once() => Assert.Same(TorchRuntime.EnsureLoaded(), TorchRuntime.EnsureLoaded());

    [Fact]
    public void The_package_caches_file_stays_as_it_came()
    {
        TorchRuntime.EnsureLoaded();
        Assert.All(Bridge().NeededVersions, version => Assert.Equal(0, version.Flags));
    }

    [Fact]
    public void Only_a_patched_copy_is_loaded_where_the_standard_library_is_old()
    {
        TorchLoad load = TorchRuntime.EnsureLoaded();
        string original = NativeFolder.Find(NativeFolder.BridgeFile)!;
        if (load.PatchedFor is null)
            Assert.Equal(original, load.Library);
        else
            Assert.NotEqual(original, load.Library);
    }

    [Fact]
    public void The_patch_changes_one_flag_and_nothing_else()
    {
        byte[] original = File.ReadAllBytes(LinuxBridge);
        ElfImage image = new(original);
        NeededVersion version = Assert.Single(image.NeededVersions, version => version.Version == "GLIBCXX_3.4.32");

        byte[] patched = SymbolVersionPatch.Apply(original, image, version);

        int[] changed = [.. Enumerable.Range(0, original.Length).Where(index => patched[index] != original[index])];
        Assert.Equal([version.FlagsOffset], changed);
        Assert.Equal(ElfImage.WeakVersion, Assert.Single(new ElfImage(patched).NeededVersions, it => it.Version == version.Version).Flags);
    }

    [Fact]
    public void A_version_that_symbols_need_is_not_patched_away()
    {
        byte[] original = File.ReadAllBytes(LinuxBridge);
        ElfImage image = new(original);
        NeededVersion version = Assert.Single(image.NeededVersions, version => version.Version == "GLIBCXX_3.4.11");
        Assert.Throws<InvalidDataException>(() => SymbolVersionPatch.Apply(original, image, version));
    }

    [Fact]
    public void Two_missing_versions_are_refused()
    {
        ElfImage bridge = Bridge();
        // A library that defines nothing of libstdc++'s.
        Assert.Throws<InvalidDataException>(() => SymbolVersionPatch.Missing(bridge, bridge));
    }

    [Fact]
    public void Hostile_files_are_invalid_data_and_nothing_worse()
    {
        byte[] original = File.ReadAllBytes(LinuxBridge);
        int versions = Bridge().NeededVersions[0].FlagsOffset - 36;
        SeededRandom random = new(1);
        for (int attempt = 0; attempt < 300; attempt++)
        {
            // Damage where the tables are: the headers, or the versions.
            byte[] damaged = attempt % 3 == 0 ? original[..random.NextInt(original.Length)] : [.. original];
            int start = attempt % 2 == 0 ? 0 : versions;
            for (int change = 0; change < 4; change++)
            {
                int at = start + random.NextInt(600);
                if (at < damaged.Length)
                    damaged[at] = (byte)random.NextInt(256);
            }

            try
            {
                ElfImage image = new(damaged);
                foreach (NeededVersion version in image.NeededVersions)
                    _ = image.UndefinedSymbols(version).Take(10).ToList();
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(63)]
    public void A_file_cut_short_is_invalid_data(int length)
    {
        byte[] cut = File.ReadAllBytes(LinuxBridge)[..length];
        Assert.Throws<InvalidDataException>(() => new ElfImage(cut));
    }

    [Fact]
    public void A_cached_file_that_is_not_what_it_should_be_is_replaced()
    {
        string cache = Directory.CreateTempSubdirectory("edgesplit-test-").FullName;
        string path = PatchedLibrary.Place([1, 2, 3], "library.so", cache);
        File.WriteAllBytes(path, [6, 6, 6]);
        Assert.Equal(path, PatchedLibrary.Place([1, 2, 3], "library.so", cache));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
        Directory.Delete(cache, recursive: true);
    }

    [Fact]
    public void An_unusable_cache_folder_falls_back_to_a_temporary_one()
    {
        string blocked = Path.GetTempFileName();
        string path = PatchedLibrary.Place([1, 2, 3], "library.so", Path.Combine(blocked, "cache"));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        File.Delete(blocked);
    }

    /// <summary>TorchSharp's package brings the library of every platform, so the ELF file is at hand on all of them.</summary>
    private static string LinuxBridge =>
        Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");

    private static ElfImage Bridge() => new(File.ReadAllBytes(LinuxBridge));
}
