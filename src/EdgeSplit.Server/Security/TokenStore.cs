using EdgeSplit.Wire.Security;

namespace EdgeSplit.Server.Security;

/// <summary>
/// Who may join, in a file: names, and of each token its SHA-256 only. Whoever reads the file can name the devices, but not be one.
/// Several processes may change it: one waits for the other.
/// </summary>
/// <param name="path">The file; there need not be one yet.</param>
/// <param name="clock">Stamps enrolments, and times the wait for another process.</param>
public sealed class TokenStore(string path, TimeProvider clock) : ITokenSource
{
    /// <summary>Its name in <see cref="UserConfig.Folder"/>.</summary>
    public const string DefaultName = "tokens.json";

    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestLock = TimeSpan.FromSeconds(10);

    public string Location { get; } = Path.GetFullPath(path);

    /// <inheritdoc/>
    public object Version => new FileInfo(Location) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : (default(DateTime), 0L);

    /// <summary>The devices, in the order of their enrolment.</summary>
    /// <exception cref="InvalidInputException">The file cannot be read, or is not a store.</exception>
    public IReadOnlyList<EnrolledDevice> Read() => TokenStoreFile.Read(Location);

    /// <summary>Makes a token for a device.</summary>
    /// <param name="name">What the device is called.</param>
    /// <param name="renew">The device has a token already, which is void from now on.</param>
    /// <param name="deliver">Gets the token before the store knows it: where this fails, nothing has changed.</param>
    /// <param name="cancellation">Ends the wait for another process.</param>
    /// <exception cref="InvalidInputException">The name is none, is enrolled already or (to renew) is not, or the store cannot be written.</exception>
    public Task EnrollAsync(string name, bool renew, Action<DeviceToken> deliver, CancellationToken cancellation = default) =>
        ChangeAsync(devices =>
        {
            if (DeviceName.ProblemOf(name) is { } problem)
                throw new InvalidInputException("NAME", problem, "give the name that the fleet has for the device");
            int index = devices.FindIndex(device => device.Name == name);
            if (index >= 0 && !renew)
                throw new InvalidInputException("NAME", $"'{name}' is enrolled already", "say --renew to give it a new token and void the old one");
            if (index < 0 && renew)
                throw NotEnrolled(name, devices);
            DeviceToken token = DeviceToken.Create();
            deliver(token);
            EnrolledDevice device = new(name, token.Hash(), clock.GetUtcNow());
            if (index >= 0)
                devices[index] = device;
            else
                devices.Add(device);
        }, cancellation);

    /// <summary>Voids a device's token. A connection it has open lasts until it ends.</summary>
    /// <param name="name">What the device is called.</param>
    /// <param name="cancellation">Ends the wait for another process.</param>
    /// <exception cref="InvalidInputException">There is no such device, or the store cannot be written.</exception>
    public Task RevokeAsync(string name, CancellationToken cancellation = default) => ChangeAsync(devices =>
    {
        if (devices.RemoveAll(device => device.Name == name) == 0)
            throw NotEnrolled(name, devices);
    }, cancellation);

    private async Task ChangeAsync(Action<List<EnrolledDevice>> change, CancellationToken cancellation)
    {
        try
        {
            PrivateFolder.Make(Path.GetDirectoryName(Location)!);
            using FileStream alone = await LockAsync(cancellation).ConfigureAwait(false);
            List<EnrolledDevice> devices = [.. Read()];
            change(devices);
            TokenStoreFile.Write(devices, Location);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException("--store", exception.Message, "name a file that can be written");
        }
    }

    /// <summary>The lock's file stays: were it removed, two could hold one each.</summary>
    private async Task<FileStream> LockAsync(CancellationToken cancellation)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = AtomicFile.Private;
        long start = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(Location + ".lock", options);
            }
            catch (IOException) when (File.Exists(Location + ".lock") && clock.GetElapsedTime(start) < LongestLock)
            {
                await Task.Delay(LockInterval, clock, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static InvalidInputException NotEnrolled(string name, List<EnrolledDevice> devices) => new(
        "NAME",
        $"no device '{name}' is enrolled",
        devices.Count == 0 ? "the store is empty" : NearestName.Remedy(name, devices.Select(device => device.Name)));
}
