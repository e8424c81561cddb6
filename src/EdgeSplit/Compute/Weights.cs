using System.Collections;
using EdgeSplit.Models;
using EdgeSplit.Numerics;

namespace EdgeSplit.Compute;

/// <summary>
/// Named parameters and buffers, in a network's order: of a whole model, or of the blocks of one segment. Disposing it
/// returns its tensors' memory; a <see cref="Slice"/> only borrows them.
/// </summary>
public sealed class Weights : IReadOnlyCollection<KeyValuePair<string, HostTensor>>, IDisposable
{
    private readonly OrderedDictionary<string, HostTensor> tensors = new(StringComparer.Ordinal);
    private readonly bool owned;

    public Weights()
        : this(owned: true)
    {
    }

    private Weights(bool owned) => this.owned = owned;

    public int Count => tensors.Count;

    /// <summary>Bytes of all tensors.</summary>
    public long ByteCount => tensors.Values.Sum(tensor => (long)tensor.ByteCount);

    public HostTensor this[string name] => tensors[name];

    /// <summary>Adds a tensor at the end and, unless this is a slice, takes it over.</summary>
    public void Add(string name, HostTensor tensor) => tensors.Add(name, tensor);

    public bool Contains(string name) => tensors.ContainsKey(name);

    /// <summary>The tensors of blocks <paramref name="first"/>..<paramref name="last"/> (1-based, inclusive), borrowed.</summary>
    public Weights Slice(Network network, int first, int last)
    {
        Weights slice = new(owned: false);
        foreach (NetworkBlock block in network.Segment(first, last))
        {
            foreach (ParameterSpec parameter in block.Parameters)
                slice.Add(parameter.Name, tensors[parameter.Name]);
        }

        return slice;
    }

    /// <summary>The tensors of blocks 1..c and those of c+1..L as one model, which takes over what its parts own.</summary>
    public static Weights Join(Weights deviceSide, Weights serverSide)
    {
        Weights whole = new();
        foreach ((string name, HostTensor tensor) in deviceSide)
            whole.Add(name, tensor);
        foreach ((string name, HostTensor tensor) in serverSide)
            whole.Add(name, tensor);
        return whole;
    }

    /// <summary>Moves the tensors of blocks <paramref name="first"/>..<paramref name="last"/> (1-based, inclusive) into weights of their own.</summary>
    public Weights Take(Network network, int first, int last)
    {
        Weights taken = new(owned);
        foreach (NetworkBlock block in network.Segment(first, last))
        {
            foreach (ParameterSpec parameter in block.Parameters)
            {
                taken.Add(parameter.Name, tensors[parameter.Name]);
                tensors.Remove(parameter.Name);
            }
        }

        return taken;
    }

    /// <summary>The first tensor that holds NaN or an infinity; null if all are finite.</summary>
    public string? FirstNotFinite()
    {
        foreach ((string name, HostTensor tensor) in tensors)
        {
            if (!tensor.IsFinite)
                return name;
        }

        return null;
    }

    public IEnumerator<KeyValuePair<string, HostTensor>> GetEnumerator() => tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        if (!owned)
            return;
        foreach (HostTensor tensor in tensors.Values)
            tensor.Dispose();
    }
}
