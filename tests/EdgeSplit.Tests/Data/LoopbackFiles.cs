using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeSplit.Tests.Data;

/// <summary>A web server on the loopback interface that gives out files by path, whole or cut off.</summary>
internal sealed class LoopbackFiles : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task serving;

    /// <param name="files">The content by path (<c>/mnist/name</c>).</param>
    /// <param name="cut">Close each connection after so many bytes of content; null to send all.</param>
    public LoopbackFiles(IReadOnlyDictionary<string, byte[]> files, int? cut = null)
    {
        listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        serving = Task.Run(() => ServeAsync(files, cut));
    }

    public Uri Address { get; }

    public List<string> Requests { get; } = [];

    /// <summary>An address at which nothing listens.</summary>
    public static Uri Nowhere()
    {
        using var files = new LoopbackFiles(new Dictionary<string, byte[]>());
        return files.Address;
    }

    public void Dispose()
    {
        stopping.Cancel();
        serving.GetAwaiter().GetResult();
        listener.Dispose();
        stopping.Dispose();
    }

    private async Task ServeAsync(IReadOnlyDictionary<string, byte[]> files, int? cut)
    {
        while (true)
        {
            try
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(stopping.Token);
                await AnswerAsync(client.GetStream(), files, cut);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (IOException)
            {
                // The client hung up first.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream, IReadOnlyDictionary<string, byte[]> files, int? cut)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string path = (await reader.ReadLineAsync() ?? "GET / ").Split(' ')[1];
        while (!string.IsNullOrEmpty(await reader.ReadLineAsync()))
        {
            // Headers do not matter here.
        }

        Requests.Add(path);
        bool found = files.TryGetValue(path, out byte[]? content);
        content ??= [];
        string head = $"HTTP/1.1 {(found ? "200 OK" : "404 Not Found")}\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        await stream.WriteAsync(content.AsMemory(0, Math.Min(content.Length, cut ?? content.Length)));
    }
}
