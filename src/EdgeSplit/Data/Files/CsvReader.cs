using System.Text;

namespace EdgeSplit.Data.Files;

/// <summary>
/// Records of a CSV file as RFC 4180 has them: fields between commas, quoted where they hold commas, line breaks or doubled quotes;
/// lines end in LF or CRLF. Blank lines are passed over. One record at a time is in memory.
/// </summary>
/// <remarks>Ours because a fault must name the line of the file, which the packages that suit AOT count in records.</remarks>
internal sealed class CsvReader(TextReader text)
{
    private const int MostFieldCharacters = 1 << 16;
    private const int MostFields = 1 << 16;

    private readonly StringBuilder field = new();
    private int line = 1;

    /// <summary>The fields of the record last read.</summary>
    public List<string> Fields { get; } = [];

    /// <summary>The line on which the record last read began, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Reads one record; false at the end.</summary>
    /// <exception cref="FormatException">The rest cannot be read as CSV; <see cref="Line"/> says where.</exception>
    public bool Read()
    {
        do
        {
            Line = line;
            Fields.Clear();
            if (text.Peek() < 0)
                return false;
            while (ReadField())
            {
                if (Fields.Count > MostFields)
                    throw new FormatException($"it has more than {MostFields} fields");
            }
        }
        while (Fields is [""]);
        return true;
    }

    /// <summary>Reads one field and what ends it; false where that is the record's end.</summary>
    private bool ReadField()
    {
        field.Clear();
        bool quoted = text.Peek() == '"';
        if (quoted)
            ReadQuoted();
        while (true)
        {
            int character = text.Read();
            switch (character)
            {
                case ',':
                    Fields.Add(field.ToString());
                    return true;
                case '\r' when text.Peek() == '\n':
                    continue;
                case '\n' or -1:
                    line++;
                    Fields.Add(field.ToString());
                    return false;
                case '"':
                    throw new FormatException("a quote stands inside a field that does not begin with one");
                default:
                    if (quoted)
                        throw new FormatException($"'{(char)character}' follows a closing quote");
                    Append((char)character);
                    break;
            }
        }
    }

    private void ReadQuoted()
    {
        text.Read();
        while (true)
        {
            int character = text.Read();
            if (character < 0)
                throw new FormatException("a quoted field is never closed");
            if (character == '"')
            {
                if (text.Peek() != '"')
                    return;
                text.Read();
            }
            else if (character == '\n')
            {
                line++;
            }

            Append((char)character);
        }
    }

    private void Append(char character)
    {
        if (field.Length == MostFieldCharacters)
            throw new FormatException($"a field is longer than {MostFieldCharacters} characters");
        field.Append(character);
    }
}
