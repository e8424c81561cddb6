using System.Buffers.Binary;

namespace EdgeSplit.Torch.Native;

/// <summary>
/// Makes a library load beside an older libstdc++: marks the one symbol version that is missing there as weak, which the
/// loader then does not insist on. Safe only where nothing uses that version, and that is checked.
/// </summary>
internal static class SymbolVersionPatch
{
    private const string StandardLibrary = "libstdc++.so.6";

    /// <summary>
    /// What g++ 13 makes every file that includes &lt;iostream&gt; ask for, so that libstdc++ initialises its streams. Older
    /// ones do so by themselves.
    /// </summary>
    private const string UnusedSymbol = "_ZSt21ios_base_library_initv";

    /// <summary>The version of libstdc++ that the library asks for and this libstdc++ lacks, or null.</summary>
    /// <exception cref="InvalidDataException">More than one is missing.</exception>
    public static NeededVersion? Missing(ElfImage library, ElfImage standardLibrary)
    {
        NeededVersion[] missing =
        [
            .. library.NeededVersions.Where(version => version.Library == StandardLibrary
                && (version.Flags & ElfImage.WeakVersion) == 0 && !standardLibrary.DefinedVersions.Contains(version.Version)),
        ];
        return missing.Length <= 1
            ? missing.FirstOrDefault()
            : throw new InvalidDataException($"{StandardLibrary} lacks {string.Join(", ", missing.Select(version => version.Version))}");
    }

    /// <summary>A copy of the file's bytes with <paramref name="version"/> weak; it differs in two bytes at most.</summary>
    /// <exception cref="InvalidDataException">Something needs the version: the file would load and then fail.</exception>
    public static byte[] Apply(byte[] file, ElfImage library, NeededVersion version)
    {
        (string Name, bool Relocated)[] symbols = [.. library.UndefinedSymbols(version)];
        if (symbols is not [(UnusedSymbol, Relocated: false)])
        {
            throw new InvalidDataException(
                $"{version.Version} is needed by {symbols.Length} symbols ({string.Join(", ", symbols.Take(3).Select(symbol => symbol.Name))})");
        }

        byte[] copy = [.. file];
        BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(version.FlagsOffset), (ushort)(version.Flags | ElfImage.WeakVersion));
        return copy;
    }
}
