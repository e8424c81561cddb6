using System.Text.Json;

namespace EdgeSplit.Planning;

/// <summary>JSON tokens of a stream, one at a time, in bounded memory: a buffer that grows with the longest token only.</summary>
internal sealed class JsonTokens(Stream stream)
{
    private const int LongestToken = 1 << 20;
    private const int MaxDepth = 16;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;
    private bool isLast;
    private bool isBegun;
    private JsonReaderState state = new(new JsonReaderOptions { MaxDepth = MaxDepth, CommentHandling = JsonCommentHandling.Skip });

    public JsonTokenType Type { get; private set; }

    /// <summary>The number last read; NaN where it has no value as a double.</summary>
    public double Number { get; private set; }

    /// <summary>The string or property name last read.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Where a document is broken, and how.</summary>
    public static (string Where, string What) Describe(string source, JsonException broken)
    {
        string place = broken.LineNumber is { } line ? $", line {line + 1}, byte {(broken.BytePositionInLine ?? 0) + 1}" : "";
        string message = broken.Message;
        int suffix = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (source + place, "is not whole JSON: " + (suffix > 0 ? message[..suffix] : message).TrimEnd('.'));
    }

    /// <summary>Reads the next token; false at the end of the document.</summary>
    /// <exception cref="JsonException">Not JSON, cut off, too deep, or a token longer than a mebibyte.</exception>
    public bool Read()
    {
        if (!isBegun)
            PassByteOrderMark();
        while (true)
        {
            Utf8JsonReader reader = new(buffer.AsSpan(start, end - start), isLast, state);
            bool found;
            try
            {
                found = reader.Read();
            }
            catch (InvalidOperationException broken)
            {
                throw new JsonException(broken.Message, broken);
            }

            if (found)
                Keep(ref reader);
            start += (int)reader.BytesConsumed;
            state = reader.CurrentState;
            if (found)
                return true;
            if (isLast)
                return false;
            Fill();
        }
    }

    /// <summary>Reads the next token where the document cannot end.</summary>
    public JsonTokenType Next() => Read() ? Type : throw new JsonException("the document ends too early");

    /// <summary>Passes over the value that begins with the present token.</summary>
    public void Skip()
    {
        if (Type is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;
        for (int depth = 1; depth > 0;)
        {
            JsonTokenType type = Next();
            if (type is JsonTokenType.StartObject or JsonTokenType.StartArray)
                depth++;
            else if (type is JsonTokenType.EndObject or JsonTokenType.EndArray)
                depth--;
        }
    }

    private void Keep(ref Utf8JsonReader reader)
    {
        Type = reader.TokenType;
        if (Type == JsonTokenType.Number)
        {
            Number = reader.TryGetDouble(out double number) ? number : double.NaN;
        }
        else if (Type is JsonTokenType.PropertyName or JsonTokenType.String)
        {
            try
            {
                Text = reader.GetString() ?? "";
            }
            catch (InvalidOperationException broken)
            {
                throw new JsonException("a string is not valid UTF-8", broken);
            }
        }
    }

    private void PassByteOrderMark()
    {
        isBegun = true;
        while (end < ByteOrderMark.Length && !isLast)
            Fill();
        if (buffer.AsSpan(0, end).StartsWith(ByteOrderMark))
            start = ByteOrderMark.Length;
    }

    private void Fill()
    {
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        end -= start;
        start = 0;
        if (end == buffer.Length)
        {
            if (buffer.Length >= LongestToken)
                throw new JsonException("a value is longer than a mebibyte");
            Array.Resize(ref buffer, 2 * buffer.Length);
        }

        int read = stream.Read(buffer, end, buffer.Length - end);
        isLast = read == 0;
        end += read;
    }
}
