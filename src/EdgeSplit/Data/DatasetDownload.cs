using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace EdgeSplit.Data;

/// <summary>How far a download is.</summary>
/// <param name="File">The file's name.</param>
/// <param name="BytesReceived">So far.</param>
/// <param name="TotalBytes">In all; null where the server does not say.</param>
public sealed record DownloadProgress(string File, long BytesReceived, long? TotalBytes);

/// <summary>
/// Fetches a named set's files: into a folder beside their place, checked by SHA-256, and only then renamed to where they belong. What
/// is killed on the way leaves nothing that could be taken for the set.
/// </summary>
internal sealed class DatasetDownload(HttpClient http, Uri address, IProgress<DownloadProgress>? progress)
{
    /// <summary>No file of a known set is larger, packed or unpacked.</summary>
    private const long MostBytes = 256L << 20;

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    /// <summary>Puts all files of the set into <paramref name="folder"/>.</summary>
    /// <exception cref="DownloadException">It could not be had whole and unharmed.</exception>
    public async Task FetchAsync(NamedDataset set, string folder, CancellationToken cancellation)
    {
        string partial = Path.Combine(Path.GetDirectoryName(folder)!, $".{set.Name}-{Path.GetRandomFileName()}");
        try
        {
            Directory.CreateDirectory(partial);
            foreach (DataFile file in set.Downloads)
                await FetchAsync(file, Path.Combine(partial, file.Name), cancellation).ConfigureAwait(false);
            if (set.Archive is not null)
                Unpack(set, partial, cancellation);
            Directory.CreateDirectory(folder);
            foreach (DataFile file in set.Files)
                File.Move(Path.Combine(partial, file.Name), Path.Combine(folder, file.Name), overwrite: true);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new DownloadException(error.Message, error);
        }
        finally
        {
            DeleteQuietly(partial);
        }
    }

    private async Task FetchAsync(DataFile file, string path, CancellationToken cancellation)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            silence.CancelAfter(LongestSilence);
            using HttpResponseMessage response = await http
                .GetAsync(new Uri(address, file.Name), HttpCompletionOption.ResponseHeadersRead, silence.Token)
                .ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw new DownloadException($"{file.Name}: the server answers {(int)response.StatusCode} {response.ReasonPhrase}");
            using Stream content = await response.Content.ReadAsStreamAsync(silence.Token).ConfigureAwait(false);
            string digest = await CopyAsync(file, content, response.Content.Headers.ContentLength, path, silence).ConfigureAwait(false);
            if (!file.Sha256.Contains(digest))
                throw new DownloadException($"{file.Name}: what came has SHA-256 {digest}, which is not the published one");
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new DownloadException($"{file.Name}: the server fell silent", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new DownloadException($"{file.Name}: {error.Message}", error);
        }
    }

    /// <summary>The SHA-256 of what was copied.</summary>
    private async Task<string> CopyAsync(
        DataFile file, Stream content, long? totalBytes, string path, CancellationTokenSource silence)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using FileStream target = File.Create(path);
        byte[] buffer = new byte[1 << 17];
        for (long received = 0; ;)
        {
            silence.CancelAfter(LongestSilence);
            int read = await content.ReadAsync(buffer, silence.Token).ConfigureAwait(false);
            if (read == 0)
                return Convert.ToHexStringLower(hash.GetHashAndReset());
            received += read;
            if (received > MostBytes)
                throw new DownloadException($"{file.Name}: more than {MostBytes} bytes came");
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), silence.Token).ConfigureAwait(false);
            progress?.Report(new DownloadProgress(file.Name, received, totalBytes));
        }
    }

    /// <summary>Takes the set's files out of its archive, whatever their folder in it, and nothing else.</summary>
    private static void Unpack(NamedDataset set, string folder, CancellationToken cancellation)
    {
        using FileStream archive = File.OpenRead(Path.Combine(folder, set.Archive!.Name));
        using var reader = new TarReader(new GZipStream(archive, CompressionMode.Decompress));
        Dictionary<string, DataFile> wanted = set.Files.ToDictionary(file => file.Name);
        while (reader.GetNextEntry() is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                || !wanted.Remove(Path.GetFileName(entry.Name), out DataFile? file))
                continue;
            if (entry.Length > MostBytes)
                throw new DownloadException($"{entry.Name} in {set.Archive.Name} would take {entry.Length} bytes");
            string path = Path.Combine(folder, file.Name);
            entry.ExtractToFile(path, overwrite: false);
            using FileStream extracted = File.OpenRead(path);
            string digest = Convert.ToHexStringLower(SHA256.HashData(extracted));
            if (!file.Sha256.Contains(digest))
                throw new DownloadException($"{entry.Name} in {set.Archive.Name} has SHA-256 {digest}, which is not the published one");
        }

        if (wanted.Count > 0)
            throw new DownloadException($"{set.Archive.Name} does not hold {string.Join(", ", wanted.Keys)}");
    }

    private static void DeleteQuietly(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What is left has a name of its own and is never read.
        }
    }
}

/// <summary>A data set could not be downloaded; the message says why.</summary>
internal sealed class DownloadException(string message, Exception? cause = null) : Exception(message, cause);
