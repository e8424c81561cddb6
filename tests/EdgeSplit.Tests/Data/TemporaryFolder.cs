namespace EdgeSplit.Tests.Data;

/// <summary>A folder of a test's own, removed with what is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edgesplit-test-");

    public string Root => folder.FullName;

    public string At(params string[] parts) => Path.Combine([Root, .. parts]);

    public string Write(string name, byte[] content)
    {
        string path = At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    public void Dispose() => folder.Delete(recursive: true);
}
