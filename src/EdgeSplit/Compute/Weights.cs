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
