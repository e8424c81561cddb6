using System.Security.Cryptography;
using System.Text.Json;
using EdgeSplit.Compute;
using EdgeSplit.Models;

namespace EdgeSplit.Experiments.Runs;

/// <summary>
/// A checkpoint on disk: the weights as safetensors, where the run stands as text in their metadata, and beside it the SHA-256 of
/// the same file without it. One file is there whole or not at all, and what is damaged is found out.
/// </summary>
internal static class CheckpointFile
{
    private const string StateKey = "edgesplit.checkpoint";
    private const string DigestKey = "sha256";

    /// <exception cref="IOException">It cannot be written; what was there is intact.</exception>
    public static void Write(string path, Checkpoint checkpoint, Weights weights)
    {
        KeyValuePair<string, string> state = new(StateKey, JsonSerializer.Serialize(checkpoint, CheckpointJson.Default.Checkpoint));
        KeyValuePair<string, string> digest = new(DigestKey, DigestOf(weights, state));
        AtomicFile.Write(path, stream => SafetensorsFile.Write(stream, weights, state, digest));
    }

    /// <summary>The checkpoint and its weights, the caller's to dispose.</summary>
    /// <exception cref="InvalidInputException">It cannot be read, is damaged, or is of another network.</exception>
    public static (Checkpoint Checkpoint, Weights Weights) Read(string path, Network network)
    {
        IReadOnlyDictionary<string, string> metadata = SafetensorsFile.ReadHeader(path).Metadata;
        if (!metadata.TryGetValue(StateKey, out string? state) || !metadata.TryGetValue(DigestKey, out string? digest))
            throw new InvalidInputException(path, "it does not say where its run stands");
        Weights weights = WeightsFile.Load(path, network);
        try
        {
            return DigestOf(weights, new(StateKey, state)) == digest
                ? (JsonSerializer.Deserialize(state, CheckpointJson.Default.Checkpoint) ?? throw new JsonException("it is null"), weights)
                : throw new InvalidInputException(path, "it is damaged: its SHA-256 is not the one that was written with it");
        }
        catch (JsonException exception)
        {
            weights.Dispose();
            throw new InvalidInputException(path, "where its run stands cannot be read: " + exception.Message);
        }
        catch (InvalidInputException)
        {
            weights.Dispose();
            throw;
        }
    }

    private static string DigestOf(Weights weights, KeyValuePair<string, string> state)
    {
        using HashingStream stream = new();
        SafetensorsFile.Write(stream, weights, state);
        return stream.ToHexadecimal();
    }

    /// <summary>Takes in what is written to it, and keeps only the SHA-256.</summary>
    private sealed class HashingStream : Stream
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public string ToHexadecimal() => Convert.ToHexStringLower(hash.GetHashAndReset());

        public override void Write(ReadOnlySpan<byte> buffer) => hash.AppendData(buffer);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
