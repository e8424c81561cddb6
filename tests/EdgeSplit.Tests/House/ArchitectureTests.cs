using System.Reflection;
using System.Text.RegularExpressions;

namespace EdgeSplit.Tests.House;

/// <summary>Arrows between rooms point one way.</summary>
public partial class ArchitectureTests
{
    /// <summary>Each room of EdgeSplit, and the rooms it may use.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Numerics"] = [],
        ["Yaml"] = ["Numerics"],
        ["Models"] = ["Numerics", "Yaml"],
        ["Data"] = ["Numerics"],
        ["Compute"] = ["Numerics", "Models"],
        ["Planning"] = ["Numerics", "Models", "Compute"],
        ["Simulation"] = ["Numerics", "Planning"],
        ["Wire"] = ["Numerics", "Models", "Compute"],
        ["Training"] = ["Numerics", "Models", "Data", "Compute", "Wire", "Planning"],
        ["Experiments"] = ["Numerics", "Yaml", "Models", "Data", "Compute", "Planning", "Simulation", "Wire", "Training"],
        ["Reports"] = ["Data", "Planning", "Simulation", "Training", "Experiments"],
    };

    [Fact]
    public void Every_room_uses_only_the_rooms_it_may()
    {
        List<string> wrong = [];
        string library = Path.Combine(Repository.Root, "src", "EdgeSplit");
        foreach (string folder in Directory.EnumerateDirectories(library))
        {
            string room = Path.GetFileName(folder);
            if (room is "bin" or "obj")
                continue;
            Assert.True(Arrows.ContainsKey(room), $"room '{room}' is not in the house; docs/architecture.md and this test name the rooms");
            foreach (string file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            {
                IEnumerable<string> used = RoomName().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).Distinct();
                wrong.AddRange(used.Where(other => other != room && Arrows.ContainsKey(other) && !Arrows[room].Contains(other))
                    .Select(other => $"{Path.GetRelativePath(library, file)} uses {other}"));
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_library_knows_no_native_engine_and_no_web_server()
    {
        string[] references = [.. typeof(Fault).Assembly.GetReferencedAssemblies().Select(name => name.Name!)];
        Assert.DoesNotContain(references, name => name.StartsWith("TorchSharp", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    /// <summary>The assembly, and what it knows of the house: Cli → Server → EdgeSplit ← Torch, Cli → Torch.</summary>
    [Theory]
    [InlineData("EdgeSplit", new string[0])]
    [InlineData("EdgeSplit.Torch", new[] { "EdgeSplit" })]
    [InlineData("EdgeSplit.Server", new[] { "EdgeSplit" })]
    [InlineData("EdgeSplit.Cli", new[] { "EdgeSplit", "EdgeSplit.Server", "EdgeSplit.Torch" })]
    public void Every_project_uses_only_the_projects_it_may(string project, string[] allowed)
    {
        IEnumerable<string> used = Assembly.Load(project).GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => name.StartsWith("EdgeSplit", StringComparison.Ordinal));
        Assert.Empty(used.Except(allowed));
    }

    [Fact]
    public void Only_the_torch_project_mentions_TorchSharp()
    {
        IEnumerable<string> elsewhere = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => !file.Contains("EdgeSplit.Torch", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains("using TorchSharp", StringComparison.Ordinal));
        Assert.Empty(elsewhere);
    }

    [GeneratedRegex(@"\bEdgeSplit\.(Numerics|Yaml|Models|Data|Compute|Wire|Training|Experiments|Planning|Simulation|Reports)\b")]
    private static partial Regex RoomName();
}
