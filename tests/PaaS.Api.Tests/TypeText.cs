using System.Reflection;

namespace PaaS.Api.Tests;

/// <summary>Types as C# writes them, with <c>?</c> where null is allowed.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
    };

    public static string Of(Type type, NullabilityInfo? nullability = null)
    {
        if (type.IsByRef)
        {
            return Of(type.GetElementType()!, nullability);
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Of(value) + "?";
        }

        var mark = !type.IsValueType && nullability is { ReadState: NullabilityState.Nullable } ? "?" : "";
        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!, nullability?.ElementType)}[]{mark}";
        }

        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword + mark;
        }

        if (type.IsGenericParameter)
        {
            return type.Name + mark;
        }

        return Plain(type, nullability) + mark;
    }

    private static string Plain(Type type, NullabilityInfo? nullability)
    {
        var arguments = type.GetGenericArguments();
        var name = type.Name.Split('`')[0];
        var own = type.DeclaringType is { } outer ? arguments[outer.GetGenericArguments().Length..] : arguments;
        if (own.Length > 0)
        {
            var known = nullability is { } n && n.GenericTypeArguments.Length == arguments.Length ? n.GenericTypeArguments : null;
            var offset = arguments.Length - own.Length;
            name += $"<{string.Join(", ", own.Select((a, i) => Of(a, known?[offset + i])))}>";
        }

        var place = type.DeclaringType is { } parent ? Of(parent) : type.Namespace;
        var ours = type.Assembly.GetName().Name!.StartsWith("PaaS.", StringComparison.Ordinal);
        return ours || type.DeclaringType is not null ? $"{place}.{name}" : name;
    }
}
