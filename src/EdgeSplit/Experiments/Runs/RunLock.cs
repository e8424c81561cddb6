namespace EdgeSplit.Experiments.Runs;

/// <summary>
/// The right to change a run folder: one process's, until it lets go or ends, however it ends. The file stays behind: were it removed, two
/// could hold one each.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream held;

    private RunLock(FileStream held) => this.held = held;

    /// <exception cref="InvalidInputException">Another process has it.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static RunLock Take(RunFolder folder)
    {
        try
        {
            return new RunLock(new FileStream(folder.LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException) when (File.Exists(folder.LockPath))
        {
            throw new InvalidInputException(folder.Location, "another process is training this run", "wait until it is done, or stop it");
        }
    }

    public void Dispose() => held.Dispose();
}
