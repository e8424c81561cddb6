using System.Globalization;
using System.Text.RegularExpressions;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;

namespace EdgeSplit.Experiments.Runs;

/// <summary>The checkpoints of a run: a file a round, the last few of them kept.</summary>
/// <param name="location">Their folder, made when the first is written.</param>
/// <param name="keep">How many are kept: more than one, so that there is another if the last is damaged.</param>
public sealed partial class CheckpointStore(string location, int keep = 2)
{
    public string Location => location;

    /// <summary>Where the checkpoint of a round is.</summary>
    public string PathOf(int round) => Path.Combine(location, string.Create(CultureInfo.InvariantCulture, $"round-{round:000000}.safetensors"));

    /// <summary>Writes a checkpoint, then removes those before the last few and those of rounds that are to come again.</summary>
    /// <exception cref="IOException">It cannot be written; those before are intact.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not the user's to write to.</exception>
    public void Write(Checkpoint checkpoint, Weights weights, Weights? velocity = null, DataContract? contract = null)
    {
        AtomicFile.CreateFolder(location);
        CheckpointFile.Write(PathOf(checkpoint.Round), checkpoint, weights, velocity, contract);
        foreach (int round in Rounds().Where(round => round > checkpoint.Round))
            File.Delete(PathOf(round));
        foreach (int round in Rounds().Skip(keep))
            File.Delete(PathOf(round));
        DeleteUnfinished();
    }

    /// <summary>The newest sound checkpoint, its weights and what server momentum kept, the caller's to dispose; null if there is none.</summary>
    /// <param name="network">What they are weights of.</param>
    /// <param name="warn">Told of each that is damaged and so passed over, and why.</param>
    /// <param name="experiment">The digest of the experiment they must belong to; null for any.</param>
    /// <exception cref="InvalidInputException">One is sound, and of another network or experiment.</exception>
    public (Checkpoint Checkpoint, Weights Weights, Weights? Velocity)? Latest(Network network, Action<string> warn, string? experiment = null)
    {
        foreach (int round in Rounds())
        {
            try
            {
                (Checkpoint checkpoint, Weights weights, Weights? velocity) = CheckpointFile.Read(PathOf(round), network, experiment);
                if (checkpoint.Round == round)
                    return (checkpoint, weights, velocity);
                weights.Dispose();
                velocity?.Dispose();
                throw new InvalidInputException(PathOf(round), $"it is of round {checkpoint.Round}, whatever its name says");
            }
            catch (ForeignCheckpointException foreign)
            {
                throw new InvalidInputException(PathOf(round), foreign.Message, "put back the experiment that the run began with, or train anew from the one there is");
            }
            catch (InvalidInputException invalid)
            {
                warn($"the checkpoint of round {round} is passed over for the one before: {invalid.Faults[0]}");
            }
        }

        return null;
    }

    /// <summary>The data contract of the newest checkpoint that tells one; null where none does, as those of older versions.</summary>
    public DataContract? Contract()
    {
        foreach (int round in Rounds())
        {
            try
            {
                if (ContractMetadata.Read(PathOf(round)) is { } contract)
                    return contract;
            }
            catch (InvalidInputException)
            {
                // Damaged: that is told where its weights are read.
            }
        }

        return null;
    }

    /// <summary>Removes all checkpoints, and the folder if nothing else is in it.</summary>
    public void Clear()
    {
        if (!Directory.Exists(location))
            return;
        foreach (int round in Rounds())
            File.Delete(PathOf(round));
        DeleteUnfinished();
        if (!Directory.EnumerateFileSystemEntries(location).Any())
            Directory.Delete(location);
    }

    /// <summary>The rounds there are files of, the newest first.</summary>
    private int[] Rounds() => !Directory.Exists(location) ? [] :
    [
        .. Directory.EnumerateFiles(location).Select(path => FileName().Match(Path.GetFileName(path))).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).OrderDescending(),
    ];

    /// <summary>Removes what a killed process did not get to name.</summary>
    private void DeleteUnfinished() => AtomicFile.DeleteUnfinished(Path.Combine(location, "round-*.safetensors"));

    [GeneratedRegex(@"^round-(\d{6,9})\.safetensors$", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();
}
