using System.Buffers.Binary;
using System.Text;

namespace EdgeSplit.Torch.Native;

/// <summary>A version of a library's symbols that an ELF file asks for (an Elf64_Vernaux).</summary>
/// <param name="Library">The library that must define it (<c>libstdc++.so.6</c>).</param>
/// <param name="Version">Its name (<c>GLIBCXX_3.4.32</c>).</param>
/// <param name="Index">What stands for it in the symbols' version table.</param>
/// <param name="Flags">0, or <see cref="ElfImage.WeakVersion"/>.</param>
/// <param name="FlagsOffset">Where in the file the two bytes of the flags are.</param>
internal sealed record NeededVersion(string Library, string Version, int Index, int Flags, int FlagsOffset);

/// <summary>
/// The dynamic-linking tables of a little-endian ELF64 file, read as the dynamic loader does: through the program headers,
/// not the sections. Layouts: System V ABI, and the Linux Standard Base for symbol versions.
/// </summary>
/// <remarks>Any file may be given: every offset is checked, and each fault is an <see cref="InvalidDataException"/>.</remarks>
internal sealed class ElfImage
{
    /// <summary>VER_FLG_WEAK: a missing version is no error.</summary>
    public const int WeakVersion = 0x2;

    private const int LoadSegment = 1, DynamicSegment = 2;
    private const int SymbolSize = 24, RelocationSize = 24;

    private readonly byte[] file;
    private readonly List<(ulong Address, ulong Offset, ulong Size)> loads = [];
    private readonly Dictionary<ulong, ulong> dynamic = [];

    /// <exception cref="InvalidDataException">Not a dynamically linked little-endian ELF64 file, or a damaged one.</exception>
    public ElfImage(byte[] file)
    {
        this.file = file;
        if (!Slice(0, 6).SequenceEqual((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
            throw new InvalidDataException("not a little-endian ELF64 file");
        ReadProgramHeaders();
        NeededVersions = [.. ReadNeededVersions()];
        DefinedVersions = ReadDefinedVersions().ToHashSet(StringComparer.Ordinal);
    }

    public IReadOnlyList<NeededVersion> NeededVersions { get; }

    /// <summary>The versions this library defines, its own name among them.</summary>
    public IReadOnlySet<string> DefinedVersions { get; }

    /// <summary>The undefined symbols bound to <paramref name="version"/>: name, and whether a relocation uses it.</summary>
    public IEnumerable<(string Name, bool Relocated)> UndefinedSymbols(NeededVersion version)
    {
        HashSet<uint> relocated = [.. RelocatedSymbols(Tag.Rela, Tag.RelaSize), .. RelocatedSymbols(Tag.JumpRela, Tag.JumpRelaSize)];
        int symbols = TableOffset(Tag.SymbolTable), versions = TableOffset(Tag.SymbolVersions);
        // Undefined symbols come before the first that the hash table lists.
        uint hashed = ReadUInt32(TableOffset(Tag.GnuHash) + 4);
        for (uint symbol = 1; symbol < hashed; symbol++)
        {
            int entry = At(symbols, (long)symbol * SymbolSize);
            bool undefined = ReadUInt16(At(entry, 6)) == 0;
            if (undefined && (ReadUInt16(At(versions, (long)symbol * 2)) & 0x7FFF) == version.Index)
                yield return (Name(ReadUInt32(entry)), relocated.Contains(symbol));
        }
    }

    private void ReadProgramHeaders()
    {
        int table = Offset(ReadUInt64(32)), size = ReadUInt16(54), count = ReadUInt16(56);
        (ulong Offset, ulong Size)? tags = null;
        for (int header = 0; header < count; header++)
        {
            int entry = At(table, (long)header * size);
            uint type = ReadUInt32(entry);
            ulong offset = ReadUInt64(At(entry, 8)), address = ReadUInt64(At(entry, 16)), bytes = ReadUInt64(At(entry, 32));
            if (type == LoadSegment)
                loads.Add((address, offset, bytes));
            else if (type == DynamicSegment)
                tags = (offset, bytes);
        }

        if (tags is not { } segment)
            throw new InvalidDataException("not dynamically linked");
        for (ulong position = 0; position + 16 <= segment.Size; position += 16)
        {
            int entry = Offset(segment.Offset + position);
            ulong tag = ReadUInt64(entry);
            if (tag == 0)
                break;
            dynamic[tag] = ReadUInt64(At(entry, 8));
        }
    }

    private IEnumerable<NeededVersion> ReadNeededVersions()
    {
        if (!dynamic.ContainsKey(Tag.VersionNeed))
            yield break;
        int library = TableOffset(Tag.VersionNeed);
        for (ulong left = Value(Tag.VersionNeedCount); left > 0; left--)
        {
            string file = Name(ReadUInt32(At(library, 4)));
            int version = At(library, ReadUInt32(At(library, 8)));
            for (int versions = ReadUInt16(At(library, 2)); versions > 0; versions--)
            {
                int flags = ReadUInt16(At(version, 4)), index = ReadUInt16(At(version, 6)) & 0x7FFF;
                yield return new NeededVersion(file, Name(ReadUInt32(At(version, 8))), index, flags, At(version, 4));
                uint nextVersion = ReadUInt32(At(version, 12));
                if (nextVersion == 0)
                    break;
                version = At(version, nextVersion);
            }

            uint next = ReadUInt32(At(library, 12));
            if (next == 0)
                break;
            library = At(library, next);
        }
    }

    private IEnumerable<string> ReadDefinedVersions()
    {
        if (!dynamic.ContainsKey(Tag.VersionDefinition))
            yield break;
        int definition = TableOffset(Tag.VersionDefinition);
        for (ulong left = Value(Tag.VersionDefinitionCount); left > 0; left--)
        {
            yield return Name(ReadUInt32(At(definition, ReadUInt32(At(definition, 12)))));
            uint next = ReadUInt32(At(definition, 16));
            if (next == 0)
                break;
            definition = At(definition, next);
        }
    }

    private IEnumerable<uint> RelocatedSymbols(ulong table, ulong size)
    {
        if (!dynamic.ContainsKey(table))
            yield break;
        int start = TableOffset(table);
        for (ulong position = 0; position + RelocationSize <= Value(size); position += RelocationSize)
            yield return ReadUInt32(At(start, checked((long)position) + 12));
    }

    private string Name(uint offset)
    {
        ReadOnlySpan<byte> rest = Slice(At(TableOffset(Tag.StringTable), offset));
        int end = rest.IndexOf((byte)0);
        return end >= 0 ? Encoding.UTF8.GetString(rest[..end]) : throw Damaged();
    }

    private ulong Value(ulong tag) =>
        dynamic.TryGetValue(tag, out ulong value) ? value : throw new InvalidDataException($"no dynamic entry 0x{tag:x}");

    /// <summary>Where in the file the table is that the loader finds at the tag's address.</summary>
    private int TableOffset(ulong tag)
    {
        ulong address = Value(tag);
        foreach ((ulong start, ulong offset, ulong size) in loads)
        {
            if (address >= start && address - start < size)
                return Offset(unchecked(offset + (address - start)));
        }

        throw Damaged();
    }

    private int Offset(ulong position) => position < (ulong)file.Length ? (int)position : throw Damaged();

    private int At(int offset, long distance) =>
        distance < file.Length - offset ? (int)(offset + distance) : throw Damaged();

    private ReadOnlySpan<byte> Slice(int offset, int length) =>
        length <= file.Length - offset ? file.AsSpan(offset, length) : throw Damaged();

    private ReadOnlySpan<byte> Slice(int offset) => file.AsSpan(offset);

    private ushort ReadUInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(offset, 2));

    private uint ReadUInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(offset, 4));

    private ulong ReadUInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Slice(offset, 8));

    private static InvalidDataException Damaged() => new("the ELF file is cut short or damaged");

    /// <summary>Tags of dynamic entries (DT_*).</summary>
    private static class Tag
    {
        public const ulong JumpRelaSize = 2, StringTable = 5, SymbolTable = 6, Rela = 7, RelaSize = 8, JumpRela = 23;
        public const ulong GnuHash = 0x6FFFFEF5, SymbolVersions = 0x6FFFFFF0;
        public const ulong VersionDefinition = 0x6FFFFFFC, VersionDefinitionCount = 0x6FFFFFFD;
        public const ulong VersionNeed = 0x6FFFFFFE, VersionNeedCount = 0x6FFFFFFF;
    }
}
