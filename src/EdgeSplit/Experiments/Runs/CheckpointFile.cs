using System.Security.Cryptography;
using System.Text.Json;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Numerics;

namespace EdgeSplit.Experiments.Runs;

/// <summary>
/// A checkpoint on disk: the weights as safetensors (and with server momentum its velocity, under names of its own), where the run stands and its data contract as text in their metadata, and beside it the SHA-256 of
/// the same file without it. One file is there whole or not at all, and what is damaged is found out.
/// </summary>
internal static class CheckpointFile
{
    private const string StateKey = "edgesplit.checkpoint";
    private const string DigestKey = "sha256";
    private const string VelocityPrefix = "edgesplit.velocity.";

    /// <exception cref="IOException">It cannot be written; what was there is intact.</exception>
    public static void Write(string path, Checkpoint checkpoint, Weights weights, Weights? velocity, DataContract? contract)
    {
        Weights all = Together(weights, velocity);
        KeyValuePair<string, string> state = new(StateKey, JsonSerializer.Serialize(checkpoint, CheckpointJson.Default.Checkpoint));
        KeyValuePair<string, string>[] about = contract is null ? [state] : [ContractMetadata.Of(contract), state];
        KeyValuePair<string, string> digest = new(DigestKey, DigestOf(all, about));
        SafetensorsFile.Write(path, all, [.. about, digest]);
    }

    /// <summary>The checkpoint, its weights, and the velocity if there is one; both are the caller's to dispose.</summary>
    /// <exception cref="InvalidInputException">It cannot be read, or is damaged.</exception>
    /// <exception cref="ForeignCheckpointException">It is sound, and of another network or experiment.</exception>
    public static (Checkpoint Checkpoint, Weights Weights, Weights? Velocity) Read(string path, Network network, string? experiment = null)
    {
        SafetensorsHeader header = SafetensorsFile.ReadHeader(path);
        if (!header.Metadata.TryGetValue(StateKey, out string? state) || !header.Metadata.TryGetValue(DigestKey, out string? digest))
            throw new InvalidInputException(path, "it does not say where its run stands");
        KeyValuePair<string, string>[] about = header.Metadata.TryGetValue(DataContract.MetadataKey, out string? contract)
            ? [new(DataContract.MetadataKey, contract), new(StateKey, state)]
            : [new(StateKey, state)];
        Weights weights = LoadOwn(path, network, about, digest);
        Weights? velocity = null;
        try
        {
            velocity = ReadVelocity(path, header, network);
            if (DigestOf(Together(weights, velocity), about) != digest)
                throw new InvalidInputException(path, "it is damaged: its SHA-256 is not the one that was written with it");
            Checkpoint checkpoint = JsonSerializer.Deserialize(state, CheckpointJson.Default.Checkpoint) ?? throw new JsonException("it is null");
            if (experiment is not null && checkpoint.ExperimentDigest != experiment)
                throw new ForeignCheckpointException($"this checkpoint of round {checkpoint.Round} is of another experiment than the run's");
            return (checkpoint, weights, velocity);
        }
        catch (JsonException exception)
        {
            weights.Dispose();
            velocity?.Dispose();
            throw new InvalidInputException(path, "where its run stands cannot be read: " + exception.Message);
        }
        catch (Exception exception) when (exception is InvalidInputException or ForeignCheckpointException)
        {
            weights.Dispose();
            velocity?.Dispose();
            throw;
        }
    }

    /// <summary>The weights. A file that does not fit the network is damaged only if it is not what was written.</summary>
    private static Weights LoadOwn(string path, Network network, KeyValuePair<string, string>[] about, string digest)
    {
        try
        {
            return WeightsFile.Load(path, network, VelocityPrefix);
        }
        catch (InvalidInputException misfit)
        {
            using Weights all = SafetensorsFile.Read(path);
            if (DigestOf(all, about) == digest)
                throw new ForeignCheckpointException($"this checkpoint is of another network than the run's: {misfit.Faults[0].Problem}");
            throw;
        }
    }

    /// <summary>What a file holds; the tensors stay whose they are.</summary>
    private static Weights Together(Weights weights, Weights? velocity)
    {
        if (velocity is null)
            return weights;
        Weights all = new();
        foreach ((string name, HostTensor tensor) in weights)
            all.Add(name, tensor);
        foreach ((string name, HostTensor tensor) in velocity)
            all.Add(VelocityPrefix + name, tensor);
        return all;
    }

    /// <summary>Null where the file has none. What is missing of one, the digest finds out.</summary>
    private static Weights? ReadVelocity(string path, SafetensorsHeader header, Network network)
    {
        Weights velocity = new();
        using FileStream stream = SafetensorsFile.Open(path);
        foreach (ParameterSpec parameter in network.Parameters)
        {
            if (header.Find(VelocityPrefix + parameter.Name) is not { } entry)
                continue;
            if (entry.Shape != parameter.Shape || entry.ElementType != parameter.ElementType)
                throw new InvalidInputException(path, $"its velocity of '{parameter.Name}' is {entry.Shape} in {entry.ElementType}");
            velocity.Add(parameter.Name, SafetensorsFile.ReadTensor(stream, entry, path));
        }

        return velocity.Count > 0 ? velocity : null;
    }

    private static string DigestOf(Weights weights, KeyValuePair<string, string>[] about)
    {
        using HashingStream stream = new();
        SafetensorsFile.Write(stream, weights, about);
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
