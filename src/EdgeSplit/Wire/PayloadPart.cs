namespace EdgeSplit.Wire;

/// <summary>A stretch of a frame's payload, in the memory it is in; encoded as it goes out.</summary>
/// <param name="Bytes">In the machine's (little-endian) order; float32 elements where they are to be encoded.</param>
/// <param name="Encoding">How they travel.</param>
internal readonly record struct PayloadPart(ReadOnlyMemory<byte> Bytes, TensorEncoding Encoding = TensorEncoding.Float32)
{
    /// <summary>Bytes on the wire.</summary>
    public long WireBytes => Encoding == TensorEncoding.Float32 ? Bytes.Length : Bytes.Length / 2;
}
