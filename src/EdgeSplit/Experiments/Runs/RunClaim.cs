using System.Globalization;

namespace EdgeSplit.Experiments.Runs;

/// <summary>
/// A run folder that this process alone may change, from before its first byte is changed until it is let go. Whoever reads a run
/// needs none.
/// </summary>
public sealed class RunClaim : IDisposable
{
    private const string DefaultParent = "runs";

    /// <summary>About what a run writes before its first round.</summary>
    private const int ProbeBytes = 16 << 10;

    private readonly RunLock held;
    private readonly bool force;
    private readonly string? created;

    private RunClaim(RunFolder folder, RunLock held, bool isNew, bool force, string? created)
    {
        (Folder, this.held, this.force, this.created) = (folder, held, force, created);
        IsNew = isNew;
    }

    /// <summary>The run's.</summary>
    public RunFolder Folder { get; }

    /// <summary>Whether the run has yet to begin: nothing of it is written.</summary>
    public bool IsNew { get; private set; }

    /// <summary>What the run began with. A run of an earlier version has it from now on.</summary>
    internal RunOrigin Origin
    {
        get
        {
            if (RunOrigin.Read(Folder.OriginPath) is { } origin)
                return origin;
            RunOrigin now = RunOrigin.Of(Folder);
            now.Write(Folder.OriginPath);
            return now;
        }
    }

    /// <summary>Takes a folder for a new run, in which nothing is written or replaced until it begins. Finds out by trying whether it can be written.</summary>
    /// <param name="path">Where; null for <c>runs/NAME-N</c>, with the first N that is free.</param>
    /// <param name="name">The experiment's.</param>
    /// <param name="force">Replace an earlier run in that folder; other files there stay.</param>
    /// <exception cref="InvalidInputException">It holds files already, another process trains it, or it cannot be written. Nothing is left behind.</exception>
    public static RunClaim OfNew(string? path, string name, bool force = false)
    {
        if (path is not null)
            return OfNewAt(path, force);
        string stem = Path.Combine(DefaultParent, RunName.SafeFor(name));
        for (int number = 1; ; number++)
        {
            string candidate = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}");
            if (Path.Exists(candidate))
                continue;
            try
            {
                return OfNewAt(candidate, force: false);
            }
            catch (InvalidInputException) when (File.Exists(Path.Combine(candidate, RunFolder.LockName)))
            {
                // Another run took this number in between.
            }
        }
    }

    /// <summary>Takes a run that is there, to go on with it.</summary>
    /// <exception cref="InvalidInputException">Another process trains it, it cannot be written, or it is no longer what it began as.</exception>
    public static RunClaim Of(RunFolder folder)
    {
        RunLock held;
        try
        {
            held = RunLock.Take(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(folder.Location, "the run cannot be written: " + FileTrouble.Describe(exception), "copy it to where it can");
        }

        try
        {
            RunOrigin.RequireUnchanged(folder);
            return new RunClaim(folder, held, isNew: false, force: false, created: null);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Writes the resolved experiment, and what else a run begins with; an earlier run in the folder is gone then.</summary>
    /// <exception cref="InvalidInputException">It cannot be written.</exception>
    public void Begin(Experiment experiment)
    {
        if (!IsNew)
            throw new InvalidOperationException("The run has begun already.");
        Writing(Folder.Location, () => Write(experiment));
        IsNew = false;
    }

    /// <summary>From a round on, the run does something otherwise; whenever it goes on again, so it does.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Change(RunChange change) => Origin.With(change).Write(Folder.OriginPath);

    /// <summary>Lets the folder go; one that was made for a run that never began goes with it.</summary>
    public void Dispose()
    {
        bool isLeft = IsNew && created is not null;
        // While it is held: nobody else can have begun there.
        if (isLeft)
            File.Delete(Folder.LockPath);
        held.Dispose();
        if (isLeft)
            RemoveEmpty(Folder.Location, created!);
    }

    private static RunClaim OfNewAt(string path, bool force)
    {
        if (File.Exists(path))
            throw new InvalidInputException(path, "this is a file, not a folder", "give another folder with --out");
        RequireFree(path, force);
        RunFolder folder = new(path);
        string? created = null;
        return Writing(path, () =>
        {
            RunLock? held = null;
            try
            {
                created = TopmostMissing(folder.Location);
                Directory.CreateDirectory(path);
                held = RunLock.Take(folder);
                // Once more: before it was taken, another run may have begun and ended in it.
                RequireFree(path, force);
                Probe(path);
                return new RunClaim(folder, held, isNew: true, force, created);
            }
            catch
            {
                if (held is not null && created is not null)
                    File.Delete(folder.LockPath);
                held?.Dispose();
                if (created is not null && Directory.Exists(created))
                    RemoveEmpty(folder.Location, created);
                throw;
            }
        });
    }

    private static void RequireFree(string path, bool force)
    {
        if (!force && Directory.Exists(path)
            && Directory.EnumerateFileSystemEntries(path).Any(entry => Path.GetFileName(entry) != RunFolder.LockName))
        {
            throw new InvalidInputException(
                path, "the folder is not empty", "give another one with --out, or replace the run in it with --force");
        }
    }

    private static void Probe(string path)
    {
        string probe = Path.Combine(path, ".edgesplit-probe");
        AtomicFile.Write(probe, stream => stream.Write(new byte[ProbeBytes]));
        File.Delete(probe);
    }

    private static void Writing(string path, Action write) => Writing(path, () =>
    {
        write();
        return true;
    });

    private static T Writing<T>(string path, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidInputException(path, "the run cannot be written here: " + FileTrouble.Describe(exception), "give another folder with --out");
        }
    }

    private void Write(Experiment experiment)
    {
        // What is there goes only once the new is: the network may be this folder's own, and the disk may be full.
        bool hasNetwork = experiment.Model.File is not null;
        if (experiment.Model.File is string network)
        {
            AtomicFile.Write(Folder.NetworkPath, stream => stream.Write(File.ReadAllBytes(network)), overwrite: force);
            experiment = experiment with { Model = experiment.Model with { File = Folder.NetworkPath } };
        }

        experiment = new RunProfiles(Folder.ProfilesPath).Take(experiment, overwrite: force);
        AtomicFile.WriteText(Folder.ExperimentPath, ExperimentWriter.Write(experiment, Folder.Location), overwrite: force);
        if (force)
        {
            foreach (string stale in (string[])[Folder.PlanPath, Folder.EventsPath, Folder.MetricsPath, Folder.ModelPath, .. hasNetwork ? (string[])[] : [Folder.NetworkPath]])
                File.Delete(stale);
            Folder.Checkpoints.Clear();
        }

        RunOrigin.Of(Folder).Write(Folder.OriginPath);
    }

    /// <summary>The first folder on the way to <paramref name="path"/> that does not exist yet; null if all do.</summary>
    private static string? TopmostMissing(string path)
    {
        string? missing = null;
        for (string? folder = path; folder is not null && !Path.Exists(folder); folder = Path.GetDirectoryName(folder))
            missing = folder;
        return missing;
    }

    /// <summary>Removes what was just created on the way to <paramref name="path"/>, as far as nothing else is in it.</summary>
    private static void RemoveEmpty(string path, string topmost)
    {
        for (string? folder = path; folder is not null && folder.Length >= topmost.Length; folder = Path.GetDirectoryName(folder))
        {
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }
    }
}
